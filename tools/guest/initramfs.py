"""The guest's first root file system: busybox, the kernel modules with all they depend on, init and agent."""

import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
BUSYBOX = pathlib.Path("/bin/busybox")
MODULES = ("virtio_pci", "virtio_console", "virtio_net", "9pnet_virtio", "9p", "l2tp_ppp", "pppoe", "ppp_async")


def load_order(kernel):
    """Paths of MODULES below kernel/modules, each after those it depends on."""
    dependencies = {}
    for line in (kernel / "modules/modules.dep").read_text().splitlines():
        path, _, needs = line.partition(":")
        dependencies[path] = needs.split()
    by_name = {pathlib.Path(path).name.removesuffix(".ko"): path for path in dependencies}
    order = []
    for name in MODULES:
        path = by_name[name]
        # modules.dep names what is needed first last
        order += [module for module in [*reversed(dependencies[path]), path] if module not in order]
    return order


def build(kernel, image):
    """Writes image, unless it is newer than all that goes into it."""
    sources = [HERE / "init", HERE / "agent", pathlib.Path(__file__), kernel / "version", BUSYBOX]
    if image.exists() and image.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "bin").mkdir()
        (tree / "modules").mkdir()
        shutil.copy(BUSYBOX, tree / "bin/busybox")
        os.symlink("busybox", tree / "bin/sh")
        for script in ("init", "agent"):
            shutil.copy(HERE / script, tree / script)
            (tree / script).chmod(0o755)
        order = load_order(kernel)
        for path in order:
            shutil.copy(kernel / "modules" / path, tree / "modules")
        (tree / "modules/order").write_text("".join(pathlib.Path(path).name + "\n" for path in order))
        names = subprocess.run(["find", "."], cwd=tree, check=True, capture_output=True).stdout
        part = image.with_suffix(f".{os.getpid()}")
        with open(part, "wb") as out:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=tree, input=names, stdout=out, check=True)
        part.rename(image)
