"""Every planted fault; names are unique."""

from tests.leak.planted_acts import ACT_FAULTS
from tests.leak.planted_api import API_FAULTS
from tests.leak.planted_identity import IDENTITY_FAULTS
from tests.leak.planted_limits import LIMIT_FAULTS
from tests.leak.planted_masks import MASK_FAULTS
from tests.leak.planted_office import OFFICE_FAULTS
from tests.leak.planted_rag import RAG_FAULTS
from tests.leak.planted_retention import RETENTION_FAULTS
from tests.leak.planted_switches import SWITCH_FAULTS, WITHDRAWN_FAULTS
from tests.leak.planted_trail import AUDIT_FAULTS

FAULTS = [
    *RAG_FAULTS,
    *API_FAULTS,
    *IDENTITY_FAULTS,
    *WITHDRAWN_FAULTS,
    *SWITCH_FAULTS,
    *AUDIT_FAULTS,
    *ACT_FAULTS,
    *OFFICE_FAULTS,
    *LIMIT_FAULTS,
    *MASK_FAULTS,
    *RETENTION_FAULTS,
]
