"""A problem in a guide: where it is, what is wrong and how to mend it, in Chinese and English."""

from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One finding of a check. `line` counts from 1 in the file that the trainer edits."""

    code: str
    path: Path
    line: int
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    warning: bool = False

    def __str__(self) -> str:
        mark = " (warning)" if self.warning else ""
        return (
            f"{self.path}:{self.line}: {self.code}{mark} {self.zh} · {self.fix_zh}\n"
            f"    {self.en} · {self.fix_en}"
        )

    def as_json(self) -> dict[str, object]:
        """The same finding for other programs."""
        return asdict(self) | {"path": str(self.path)}


class GuideError(Exception):
    """A folder of guides that cannot be used as it is; `problems` says why, one by one."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s) in guides")
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
