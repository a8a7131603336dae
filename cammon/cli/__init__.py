"""The commands. Each file is one command; what a person did wrong is said in clear lines with exit status 2."""

import errno
import keyword
import logging
import os
import sys
from importlib import import_module
from typing import Any

import click

from cammon.problem import UserError
from cammon.version import VERSION

from .waiting import begin


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for: what one command needs must not slow down the others."""

    NAMES = (
        "calibrate",
        "check",
        "coverage",
        "credentials",
        "demo",
        "discover",
        "diagnose",
        "import",
        "learn",
        "probe",
        "serve",
        "upgrades",
        "virtual",
    )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the alphabet."""
        del ctx
        return list(self.NAMES)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command."""
        begin(ctx)
        return super().invoke(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name: the module and the function in it are called the same (`import_` for import)."""
        del ctx
        if cmd_name not in self.NAMES:
            return None
        own = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"cammon.cli.{own}"), own)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="cammon")
@click.option("--verbose", is_flag=True, help="Say on standard error what happens.")
def cammon(verbose: bool) -> None:
    """Which key places are seen right now, by cameras that work; what is blind, why, and what to do next."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("threading").setLevel(logging.ERROR)  # WSDiscovery's: each interface without multicast
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every page that waits a moment


def main() -> None:
    """Run the command line; wrong input ends with exit status 2 and no traceback."""
    try:
        # Outside its standalone mode click hands back the status of an Exit, else what the command returned (None).
        sys.exit(cammon.main(standalone_mode=False) or 0)
    except UserError as error:
        for line in error.lines:
            click.echo(line, err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # the reader (head, less) has gone
        _say_no_more()
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _say_no_more()
        click.echo("no space left on the disk for what was to be written; make room and run it again", err=True)
        sys.exit(2)


def _say_no_more() -> None:
    """Keep the interpreter from complaining when it flushes standard output at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
