"""Every planted fault; names are unique."""

from tests.leak.planted_api import API_FAULTS
from tests.leak.planted_rag import RAG_FAULTS

FAULTS = [*RAG_FAULTS, *API_FAULTS]
