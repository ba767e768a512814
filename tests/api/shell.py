"""Commands as an operator runs them, with the settings of the tiny office."""

import subprocess
import time
import urllib.request

from typer.testing import CliRunner, Result

from api.cli import commands
from rag.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The environment that says to another process what these settings say."""
    names = ("docs", "out", "cache", "embedder", "database", "secret")
    return {f"ZHINAN_{name.upper()}": str(getattr(settings, name)) for name in names}


class Run:
    """`run("ask", "…")` is `zhinan ask …`."""

    def __call__(self, *args: str, code: int = 0, stdin: str | bytes = "") -> Result:
        result = CliRunner().invoke(commands(), args, input=stdin, env={"COLUMNS": "160"})
        assert result.exit_code == code, result.output
        return result


def wait_for(address: str, server: subprocess.Popen[str]) -> str:
    """What an address says once the server answers."""
    for _ in range(900):
        try:
            with urllib.request.urlopen(address, timeout=10) as response:
                return str(response.read().decode())
        except OSError:
            assert server.poll() is None, "the server has stopped"
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address}")
