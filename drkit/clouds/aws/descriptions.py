"""What botocore knows of services, from its own package alone, and read as fast as it can be.

botocore looks into the user's ``~/.aws/models`` and ``AWS_DATA_PATH`` too, opens the directory of each of its four
hundred services to find one, and reads megabytes of JSON by Python's reader.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
from botocore.loaders import JSONFileLoader, Loader


class _Files(JSONFileLoader):  # type: ignore[misc] # botocore has no types
    def load_file(self, file_path: str) -> Any:
        """As botocore's; None where there is no such file."""
        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            try:
                with opened(file_path + ending, "rb") as stream:
                    return orjson.loads(stream.read())
            except FileNotFoundError:
                continue
        return None


class _Descriptions(Loader):  # type: ignore[misc] # botocore has no types
    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - as botocore's
        """All there can be; whether one has a description of this type is found out when that is read."""
        return [path.name for path in Path(self.BUILTIN_DATA_PATH).iterdir()]


def descriptions() -> Loader:
    """In the place of botocore's own."""
    return _Descriptions([Loader.BUILTIN_DATA_PATH], file_loader=_Files(), include_default_search_paths=False)
