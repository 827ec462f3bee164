"""What `import hdr` gives, and what a wheel holds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import hdr
from hdr import errors

ROOT = Path(__file__).resolve().parents[1]


def test_every_public_name_is_there() -> None:
    for name in hdr.__all__:
        assert getattr(hdr, name).__name__ == name
        assert name in dir(hdr)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = hdr.nonsense


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(issubclass(kind, errors.HdrError) for kind in kinds)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)


def test_an_error_is_its_sentence_and_its_cure() -> None:
    assert str(errors.ImageError("It broke.", hint="Mend it.")) == "It broke. Mend it."
    assert str(errors.ImageError("It broke.")) == "It broke."


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def test_a_wheel_holds_the_default_model_and_no_other_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    models = {name for name in names if name.startswith("hdr/_models/")}
    assert models == {f"hdr/_models/default/{name}" for name in ("model.keras", "model.tflite", "card.json")}
    assert not [name for name in names if "captures/" in name.split("hdr/")[0] or name.startswith("tests/")]


def test_a_wheel_reads_pictures_without_what_trains(wheel: Path, tmp_path: Path) -> None:
    """As `pip install .` does it on a small machine: TensorFlow is not there, and the repository is not either."""
    import numpy as np

    from hdr.bench.generate import compose_page
    from hdr.bench.hand import written_digits
    from hdr.classify.loading import load_classifier
    from hdr.reading.pipeline import read_digits
    from hdr.vision.media import save_image

    page = compose_page(*written_digits(50, np.random.default_rng(2)), np.random.default_rng(2))
    save_image(tmp_path / "page.png", page.image)
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import sys\n"
        "for name in 'tensorflow', 'keras', 'h5py', 'matplotlib', 'sklearn': sys.modules[name] = None\n"
        f"sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "import hdr; assert hdr.__file__.startswith(sys.path[0]), hdr.__file__\n"
        "from hdr.__main__ import main\n"
        "sys.argv = ['hdr', 'read', 'page.png', '--text']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == read_digits(page.image, load_classifier()).text
