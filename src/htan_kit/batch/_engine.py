"""Execute one notebook with papermill; whatever happens, what was executed so far is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Failure", "execute"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a notebook stopped.

    Parameters
    ----------
    name
        The exception's name.
    message
        Its text.
    """

    name: str
    message: str

    def __str__(self) -> str:
        if self.name == "InputError" and self.message:  # is written for the user, who need not know its class
            return self.message
        return f"{self.name}: {self.message}" if self.message else self.name


def execute(source: Path, target: Path, parameters: Mapping[str, Any], *, timeout: float = 0.0) -> Failure | None:
    """Execute a notebook in a kernel of its own and write it, executed, to ``target``.

    Parameters
    ----------
    source
        The notebook.
    target
        Where the executed copy goes, whole: it is written elsewhere first.
    parameters
        Values for its parameters cell.
    timeout
        Seconds for the whole notebook; 0: none.

    Returns
    -------
    None when every cell ran, else why it stopped; the executed part is in ``target`` either way, with papermill's
    marks (anchor ``papermill-error-cell``) at the cell that stopped it.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    from htan_kit.io.atomic import replacing

    deadline = time.monotonic() + timeout
    failure: Failure | None = None
    with replacing(target) as temporary:
        try:
            execute_notebook(
                _literal(source),
                _literal(temporary),
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",  # a notebook need not say so
                progress_bar=False,
                kernel_manager_class=_kernel_manager(),
                # nbclient takes a time per cell; what is left of the notebook's is the same thing.
                timeout_func=(lambda _cell: max(1, round(deadline - time.monotonic()))) if timeout else None,
            )
        except PapermillExecutionError as stop:
            failure = Failure(stop.ename, stop.evalue)
        except CellTimeoutError:
            failure = Failure("Timeout", f"not done after {timeout:g} s (--timeout)")
        except DeadKernelError:
            failure = Failure("KernelDied", "the kernel died; most often there was not enough memory")
        except RuntimeError as problem:  # the kernel did not answer in time, or could not be started
            failure = Failure("KernelError", str(problem))
        _finish(temporary if temporary.exists() else source, temporary, target, failure)
    return failure


def _literal(path: Path) -> str:
    """Papermill reads a path as a format string."""
    return str(path).replace("{", "{{").replace("}", "}}")


@cache
def _kernel_manager() -> type:
    """Make the class of managers for kernels of this very Python; the client then owns, and ends, its kernel.

    A ``python3`` kernel that somebody registered for another environment is found first by Jupyter's own search, so
    no kernel folder is searched. Encryption silences ipykernel >= 7.3, which warns on every start without it; older
    versions know no encryption, and "auto" then does without.
    """
    import zmq
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    known = "transport_encryption" in AsyncKernelManager.class_trait_names() and zmq.has("curve")
    options = {"transport_encryption": "auto"} if known else {}

    class OwnKernelManager(AsyncKernelManager):
        def __init__(self, **given: Any) -> None:
            super().__init__(**{**given, **options, "kernel_spec_manager": KernelSpecManager(kernel_dirs=[])})

    return OwnKernelManager


def _finish(executed: Path, temporary: Path, target: Path, failure: Failure | None) -> None:
    """Name the notebook as it will be called, and mark a stop that papermill did not mark itself."""
    import nbformat
    from papermill.execute import ERROR_ANCHOR_MSG, ERROR_MARKER_TAG

    notebook = nbformat.read(executed, as_version=4)
    run = notebook.metadata.setdefault("papermill", {})
    run["input_path"], run["output_path"] = target.name, target.name
    marked = any(ERROR_MARKER_TAG in cell.metadata.get("tags", []) for cell in notebook.cells)
    if failure and not marked:
        run["exception"] = True
        code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        started = [i for i in code if notebook.cells[i].metadata.get("papermill", {}).get("start_time")]
        at = started[-1] if started else (code or [0])[0]
        cell = notebook.cells[at]
        cell.metadata.setdefault("papermill", {}).update(exception=True, status="failed")
        cell.outputs = [*cell.get("outputs", []), nbformat.v4.new_output(
            "error", ename=failure.name, evalue=failure.message, traceback=[str(failure)])]  # fmt: skip
        for later in notebook.cells[at + 1 :]:
            later.metadata.setdefault("papermill", {})["status"] = "pending"
        notebook.cells.insert(
            at, nbformat.v4.new_markdown_cell(ERROR_ANCHOR_MSG, metadata={"tags": [ERROR_MARKER_TAG]})
        )
    nbformat.write(notebook, temporary)
