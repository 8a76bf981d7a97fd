"""A session of Spark that keeps to its directory, to loopback where it can, and to silence."""

from __future__ import annotations

import os
import re
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drkit.core.errors import UsageError

LOCAL = re.compile(r"local(\[[0-9*, ]+\])?|local-cluster\[\d+,\d+,\d+\]")
ELSEWHERE = re.compile(r"yarn|(spark|k8s)://[A-Za-z0-9.:/,_-]+")
LOOPBACK = "127.0.0.1"
LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = spark: %p %c{1}: %m%n
"""
SQL = {
    "spark.sql.ansi.enabled": "true",  # a number that is none is an error, not NULL
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "true",  # a backslash is one
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.binaryAsString": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
}
"""What makes Spark read the texts and the files as DuckDB does."""


@contextmanager
def started(private: Path, master: str, memory: str | None) -> Iterator[Any]:
    """A session, which is ended and its process with it.

    Raises:
        UsageError: Spark or Java is not here, the master is none, or cannot be reached.
    """
    here = LOCAL.fullmatch(master) is not None
    if not here and not ELSEWHERE.fullmatch(master):
        raise UsageError(f"--spark-master {master}: write local[2], spark://HOST:PORT, yarn or k8s://…")
    _check_java()
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("Spark is not installed", hint="install the extra drkit[spark]") from None
    from py4j.protocol import Py4JError

    settings = _settings(private, master, memory, here=here)
    with _deaf() as heard:
        try:
            with _environment(_variables(private) if here else {}):
                session = SparkSession(SparkContext(conf=SparkConf().setAll(list(settings.items()))))
        except (PySparkException, Py4JError, OSError) as error:
            why = " ".join(str(error).split())[:300]
            hint = "see that Java 17 runs, and --spark-master"
            raise UsageError(f"Spark did not start: {why}", hint=hint) from None
    try:
        for number in heard:
            signal.raise_signal(number)
        yield session
    finally:
        _end(session, SparkContext)


@contextmanager
def _deaf() -> Iterator[list[int]]:
    """What Ctrl-C and SIGTERM say meanwhile is heard afterwards: half a start leaves a Java that nobody ends.

    pyspark puts a handler of its own in the place of Ctrl-C's, too.
    """
    heard: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = {
        number: signal.signal(number, lambda number, _: heard.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (Path(home, "bin", "java").exists() if home else shutil.which("java")):
        raise UsageError(
            "Spark needs Java, which is not here", hint="install openjdk-17-jre-headless, or set JAVA_HOME"
        )


def _settings(private: Path, master: str, memory: str | None, *, here: bool) -> dict[str, str]:
    """What is set of Spark; a cluster's own defaults hold for the rest."""
    logging = private / "log4j2.properties"
    logging.write_text(LOGGING, encoding="utf-8")
    settings = {
        "spark.app.name": "drkit copies reconcile",
        "spark.master": master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(private / "warehouse"),
        "spark.driver.extraJavaOptions": (
            f'-Dlog4j2.configurationFile={logging.as_uri()} -Djava.io.tmpdir="{private}"'
        ),
        **SQL,
    }
    if here:
        settings |= {
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.local.dir": str(private),
            "spark.executor.extraJavaOptions": settings["spark.driver.extraJavaOptions"],
        }
        if memory is not None:
            settings["spark.driver.memory"] = _amount(memory)
    return settings


def _amount(memory: str) -> str:
    """``1.5GB`` as Spark's ``1500m``."""
    number, unit = re.fullmatch(r"([0-9.]+)([MG])i?B", memory).groups()  # type: ignore[union-attr]
    return f"{int(float(number) * (1024 if unit == 'G' else 1))}m"


def _variables(private: Path) -> dict[str, str]:
    return {
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(private),
        "SPARK_WORKER_DIR": str(private / "work"),
        "SPARK_LOG_DIR": str(private / "logs"),
    }


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables for the process that is started meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _end(session: Any, context: Any) -> None:
    """Stop, and wait for Java to be gone: it would write into the directory that is removed next."""
    gateway = context._gateway  # noqa: SLF001 - nothing public ends the process
    session.stop()
    if gateway is not None:
        gateway.shutdown()
        process = getattr(gateway, "proc", None)
        if process is not None:
            process.stdin.close()
            process.wait(timeout=60)
        context._gateway = context._jvm = None  # noqa: SLF001
