from pathlib import Path

import pytest
from sample import make_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled workspace that no test changes."""
    return make_sample(tmp_path_factory.mktemp("sample") / "shop")
