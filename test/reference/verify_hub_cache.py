"""Loads with Python's huggingface_hub, offline, what Limner fetched into the shared cache.

Usage: verify_hub_cache.py CACHE OWNER/NAME [REVISION]
CACHE is the folder that HF_HUB_CACHE names. Prints the files with their sizes, and what the library's scan says.
"""

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download  # noqa: E402

cache, repository, *rest = sys.argv[1:]
revision = rest[0] if rest else "main"
folder = Path(snapshot_download(repository, revision=revision, cache_dir=cache, local_files_only=True))
files = sorted(path for path in folder.rglob("*") if path.is_file())
assert files, "the snapshot is empty"
for path in files:
    name = path.relative_to(folder).as_posix()
    found = hf_hub_download(repository, name, revision=revision, cache_dir=cache, local_files_only=True)
    assert Path(found).resolve() == path.resolve(), (found, path)
    print(f"{path.stat().st_size:12d}  {name}")
info = scan_cache_dir(cache)
assert not info.warnings, info.warnings
(repo,) = [one for one in info.repos if one.repo_id == repository]
print(f"{repo.repo_id}: {repo.nb_files} files, {repo.size_on_disk} bytes, refs {sorted(repo.refs)}")
