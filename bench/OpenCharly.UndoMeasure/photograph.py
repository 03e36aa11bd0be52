"""Photographs the root file system: one line a path on standard output.

usage: photograph.py take|count [EXCLUDED PATH]...        a path with [ in it is a pattern

take   prints "TYPE MODE UID:GID CONTENT<tab>PATH" for every path, where CONTENT is a digest, a link target, or the
       extended attributes; then what no file shows as it is: packages marked as automatic, units that run.
count  prints how many paths are new, changed and gone since the last photograph.

Digests are kept in memory-backed storage from photograph to photograph: a file whose change time, inode and size are
as before is not read again, since nobody but the kernel sets a change time.
"""

import fnmatch
import hashlib
import os
import stat
import subprocess
import sys

STORE = "/run/charly-photograph"
KINDS = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFIFO: "p", stat.S_IFSOCK: "s", stat.S_IFCHR: "c", stat.S_IFBLK: "b"}


def escape(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def initrd(path):
    """Digest of the list of contents, without times: the archive itself tells when it was made."""
    listing = subprocess.run(["lsinitramfs", "-l", path], capture_output=True, check=True).stdout
    digest = hashlib.sha256()
    for line in listing.splitlines():
        fields = line.split(None, 8)
        digest.update(b" ".join([*fields[:1], *fields[2:5], *fields[8:], b"\n"]))
    return digest.hexdigest()


def content(path, status):
    parts = []
    if stat.S_ISREG(status.st_mode) and path.startswith("/boot/initrd.img-"):
        parts.append(initrd(path))
    elif stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            parts.append(hashlib.file_digest(file, "sha256").hexdigest())
    elif stat.S_ISLNK(status.st_mode):
        parts.append("-> " + os.readlink(path))
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        parts.append(name + "=" + os.getxattr(path, name, follow_symlinks=False).hex())
    return escape(" ".join(parts))


def paths(excluded):
    device = os.lstat("/").st_dev
    patterns = [path for path in excluded if "[" in path]
    folders = ["/"]
    while folders:
        folder = folders.pop()
        for entry in os.scandir(folder):
            if entry.path in excluded or any(fnmatch.fnmatchcase(entry.path, pattern) for pattern in patterns):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield entry.path, status
            if stat.S_ISDIR(status.st_mode) and status.st_dev == device:
                folders.append(entry.path)


def stored():
    known = {}
    try:
        with open(STORE, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                stamp, text, path = line.rstrip("\n").split("\t", 2)
                known[path] = (stamp, text)
    except FileNotFoundError:
        pass
    return known


def automatic():
    """Packages that apt would remove by itself; the order of its file says nothing."""
    name = ""
    try:
        with open("/var/lib/apt/extended_states", encoding="utf-8") as file:
            for line in file:
                if line.startswith("Package: "):
                    name = line[9:].strip()
                elif line.strip() == "Auto-Installed: 1":
                    yield "apt-mark:" + name, "auto"
    except FileNotFoundError:
        pass


def units(excluded):
    """What runs, listens or waits; a failed unit too."""
    answer = subprocess.run(
        ["systemctl", "list-units", "--all", "--plain", "--no-legend", "--type=service,socket,timer,path,mount,swap"],
        capture_output=True, text=True, check=True)
    for line in answer.stdout.splitlines():
        unit, _, active, state = line.split()[:4]
        if active == "failed" or (active == "active" and state != "exited" and not any(unit.startswith(e) for e in excluded)):
            yield "unit:" + unit, active


def main():
    excluded = {path for path in sys.argv[2:] if path.startswith("/")}
    known = stored()
    if sys.argv[1] == "count":
        new = changed = 0
        for path, status in paths(excluded):
            before = known.pop(escape(path), None)
            if before is None:
                new += 1
            elif not stat.S_ISDIR(status.st_mode) and before[0] != f"{status.st_ctime_ns}:{status.st_ino}:{status.st_size}":
                changed += 1
        print(new, changed, len(known))
        return

    out = open(sys.stdout.fileno(), "w", encoding="utf-8", errors="surrogateescape", buffering=1 << 20)
    with open(STORE + ".new", "w", encoding="utf-8", errors="surrogateescape") as store:
        for path, status in paths(excluded):
            name = escape(path)
            stamp = f"{status.st_ctime_ns}:{status.st_ino}:{status.st_size}"
            before = known.get(name)
            try:
                text = before[1] if before and before[0] == stamp else content(path, status)
            except FileNotFoundError:
                continue
            store.write(f"{stamp}\t{text}\t{name}\n")
            kind = KINDS.get(stat.S_IFMT(status.st_mode), "?")
            out.write(f"{kind} {stat.S_IMODE(status.st_mode):04o} {status.st_uid}:{status.st_gid} {text}\t{name}\n")
    os.replace(STORE + ".new", STORE)
    for name, text in [*automatic(), *units([name[5:] for name in sys.argv[2:] if name.startswith("unit:")])]:
        out.write(f"{text}\t{name}\n")
    out.write("end\t.\n")
    out.flush()


main()
