//! What code may try, as a table. Code that gets somewhere prints `BREACH`.

use offseeker_tools::code::Bound;

/// How a row is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It runs to its end, or to an exception.
    Finishes,
    /// It reaches one of these limits.
    Reaches(&'static [Bound]),
    /// It crashes, or is killed by a signal that it sent itself.
    Dies,
    /// Any of these, as the version of the interpreter has it.
    Ends,
}

/// One attack.
#[derive(Debug)]
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    /// What Python is to do. `{secret}`, `{outside}`, `{tcp}`, `{udp}`, `{unix}`, `{pid}` stand for places of the host.
    pub(crate) code: &'static str,
    pub(crate) end: End,
    /// Whether it succeeds without a sandbox and does no harm then, so that it is tried there for comparison.
    pub(crate) is_harmless: bool,
}

const fn refused(name: &'static str, code: &'static str) -> Attack {
    Attack { name, code, end: End::Finishes, is_harmless: false }
}

/// Refused in the sandbox, successful and harmless outside.
const fn compared(name: &'static str, code: &'static str) -> Attack {
    Attack { name, code, end: End::Finishes, is_harmless: true }
}

const fn reaches(name: &'static str, bounds: &'static [Bound], code: &'static str) -> Attack {
    Attack { name, code, end: End::Reaches(bounds), is_harmless: false }
}

const fn ends(name: &'static str, end: End, code: &'static str) -> Attack {
    Attack { name, code, end, is_harmless: false }
}

pub(crate) const ATTACKS: &[Attack] = &[
    // Files.
    compared("reads a file that all may read", "print('BREACH', open('{secret}').read())"),
    compared("reads it through a descriptor", "import os; print('BREACH', os.read(os.open('{secret}', 0), 99))"),
    compared("reads /etc/passwd", "print('BREACH', open('/etc/passwd').read())"),
    compared("lists a folder outside", "import os; print('BREACH', os.listdir(os.path.dirname('{secret}')))"),
    compared("lists the root", "import os; print('BREACH', os.listdir('/'))"),
    refused("lists /root", "import os; print('BREACH', os.listdir('/root'))"),
    refused("reads shadow", "print('BREACH', open('/etc/shadow').read())"),
    compared("reads its own environment in /proc", "print('BREACH', open('/proc/self/environ').read())"),
    compared("reads the host's command line", "print('BREACH', open('/proc/{pid}/cmdline').read())"),
    refused("reads the host's environment", "print('BREACH', open('/proc/{pid}/environ').read())"),
    refused("reads the host's memory", "print('BREACH', open('/proc/{pid}/mem', 'rb').read(1))"),
    compared("lists processes", "import os; print('BREACH', os.listdir('/proc'))"),
    refused("follows the root of the host", "print('BREACH', open('/proc/{pid}/root{secret}').read())"),
    compared(
        "reads through a symbolic link",
        "import os; os.symlink('{secret}', 'link'); print('BREACH', open('link').read())",
    ),
    compared("makes a hard link", "import os; os.link('{secret}', '{outside}/hard'); print('BREACH')"),
    refused("links a secret into its folder", "import os; os.link('{secret}', 'hard'); print('BREACH')"),
    compared("writes outside", "open('{outside}/written', 'w').write('x'); print('BREACH')"),
    compared("makes a folder outside", "import os; os.mkdir('{outside}/made'); print('BREACH')"),
    compared("empties a file outside", "import os; os.truncate('{outside}/victim', 0); print('BREACH')"),
    refused("removes a file outside", "import os; os.remove('{outside}/victim'); print('BREACH')"),
    refused("moves a file outside", "import os; os.rename('{outside}/victim', '{outside}/gone'); print('BREACH')"),
    refused("climbs out of its folder", "open('../climbed', 'w').write('x'); print('BREACH')"),
    refused("writes to shared memory", "open('/dev/shm/offseeker', 'w').write('x'); print('BREACH')"),
    refused("opens a disk", "import os; print('BREACH', os.open('/dev/vda', os.O_RDONLY))"),
    refused("opens memory", "print('BREACH', open('/dev/mem', 'rb').read(1))"),
    refused("opens the terminal", "print('BREACH', open('/dev/tty', 'w'))"),
    refused("makes a device", "import os; os.mknod('device', 0o20666, os.makedev(1, 3)); print('BREACH')"),
    compared("makes a pipe with a name", "import os; os.mkfifo('{outside}/pipe'); print('BREACH')"),
    compared("runs a shell in its own place", "import os; os.execv('/bin/sh', ['sh', '-c', 'echo BREACH'])"),
    refused(
        "runs what it wrote",
        "import os; open('x', 'w').write('#!/bin/sh\\necho BREACH'); os.chmod('x', 0o755); os.execv('./x', ['x'])",
    ),
    // The mode of a file outside must not change; that the call does nothing in silence is seen from outside.
    refused("changes a mode outside", "import os; os.chmod('{outside}/victim', 0o777)"),
    refused("changes a time outside", "import os; os.utime('{outside}/victim', (1, 1))"),
    refused("changes an owner", "import os; os.chown('{outside}/victim', 1, 1); print('BREACH')"),
    compared("reads by a path", "from pathlib import Path; print('BREACH', Path('{secret}').read_text())"),
    compared("lists by a path", "from pathlib import Path; print('BREACH', list(Path('/').iterdir()))"),
    compared("writes by a path", "from pathlib import Path; Path('{outside}/path').write_text('x'); print('BREACH')"),
    // The network.
    compared("connects", "import socket; socket.create_connection(('127.0.0.1', {tcp}), 1); print('BREACH')"),
    compared(
        "sends a datagram",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp})); print('BREACH')",
    ),
    compared(
        "connects to a socket in the file system",
        "import socket; socket.socket(socket.AF_UNIX).connect('{unix}'); print('BREACH')",
    ),
    compared("listens", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); print('BREACH')"),
    refused("opens a raw socket", "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print('BREACH')"),
    refused("opens a netlink socket", "import socket; socket.socket(socket.AF_NETLINK, 3, 0); print('BREACH')"),
    refused(
        "sends from a pair of sockets",
        "import socket; a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.sendto(b'x', '{unix}'); print('BREACH')",
    ),
    refused("asks for a name", "import socket; print('BREACH', socket.getaddrinfo('example.com', 80))"),
    refused(
        "fetches a page",
        "import urllib.request; print('BREACH', urllib.request.urlopen('http://127.0.0.1:{tcp}/', timeout=1))",
    ),
    // Processes and signals.
    compared("forks", "import os\nif os.fork() == 0: os._exit(0)\nprint('BREACH')"),
    compared("starts a program", "import subprocess; print('BREACH', subprocess.run(['/bin/echo'], timeout=9))"),
    compared("starts a shell", "import os; os.system('echo BREACH')"),
    compared("spawns", "import os; os.posix_spawn('/bin/true', ['true'], {}); print('BREACH')"),
    compared(
        "starts a process of its own kind",
        "import multiprocessing as m\np = m.get_context('fork').Process(target=print); p.start(); p.join(); print('BREACH')",
    ),
    refused(
        "leaves a daemon",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\nprint('BREACH')",
    ),
    refused("bombs with forks", "import os\nwhile True: os.fork()"),
    compared("asks whether the host lives", "import os; os.kill({pid}, 0); print('BREACH')"),
    refused("signals the host", "import os; os.kill({pid}, 10); print('BREACH')"),
    refused("signals its parent", "import os; os.kill(os.getppid(), 10); print('BREACH')"),
    refused("signals everybody", "import os; os.kill(-1, 10); print('BREACH')"),
    refused(
        "traces the host",
        "import ctypes; print('BREACH' if ctypes.CDLL(None).ptrace(16, {pid}, 0, 0) == 0 else '')",
    ),
    ends(
        "ignores signals",
        End::Reaches(&[Bound::Wall, Bound::Cpu]),
        "import signal\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
    ),
    ends("kills itself", End::Ends, "import signal; signal.raise_signal(9)"),
    ends("crashes", End::Dies, "import ctypes; ctypes.string_at(1)"),
    // Rights.
    refused("becomes root", "import os; os.setuid(0); print('BREACH')"),
    refused("changes its groups", "import os; os.setgroups([0]); print('BREACH')"),
    refused("raises its limits", "import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1)); print('BREACH')"),
    refused(
        "raises the limits of the host",
        "import resource as r; r.prlimit({pid}, r.RLIMIT_CORE, (0, 0)); print('BREACH')",
    ),
    refused("starts a session", "import os; os.setsid(); print('BREACH')"),
    ends(
        "calls the system itself",
        End::Finishes,
        "import ctypes
c = ctypes.CDLL(None, use_errno=True)
for name, number in dict(mount=165, umount=166, chroot=161, unshare=272, setns=308, bpf=321, keyctl=250, perf=298, \
uring=425, faultfd=323, ptrace=101, vmread=310, pidfd=434, memfd=319, userns=56, handles=304, module=175, reboot=169, \
shmget=29, mq=240, seccomp=317, socket=41, x32_socket=0x40000029, quota=179, fanotify=300, vhangup=153).items():
    args = [0x10000000 | 17] if name == 'userns' else [0] * 5
    if c.syscall(number, *args) >= 0: print('BREACH', name)",
    ),
    // Memory, time, space.
    reaches(
        "fills memory with a list",
        &[Bound::Memory, Bound::Cpu, Bound::Wall],
        "x = []\nwhile True: x.append('y' * 1_000_000)",
    ),
    reaches("doubles a string", &[Bound::Memory], "x = 'y'\nwhile True: x += x"),
    reaches("asks for all at once", &[Bound::Memory], "x = 'y' * 10**12"),
    reaches("fills memory with bytes", &[Bound::Memory], "x = bytearray(10**11)"),
    reaches(
        "fills memory with small things",
        &[Bound::Memory, Bound::Cpu, Bound::Wall],
        "x = {}\ni = 0\nwhile True:\n    x[i] = [i]\n    i += 1",
    ),
    refused("maps memory", "import mmap; m = mmap.mmap(-1, 1 << 40); print('BREACH')"),
    refused("hides memory in a file", "import os; os.memfd_create('x'); print('BREACH')"),
    ends(
        "bombs with threads",
        End::Ends,
        "import threading, time\nthreading.stack_size(65536)\nn = 0\nwhile n < 5000:\n    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n    n += 1\nprint('BREACH')",
    ),
    reaches("loops", &[Bound::Wall, Bound::Cpu], "while True: pass"),
    reaches("sleeps", &[Bound::Wall], "import time; time.sleep(10**6)"),
    reaches("waits for input", &[], "print('BREACH', input())"),
    ends("blows up a pattern", End::Ends, "import re; re.match('(a+)+$', 'a' * 64 + 'b')"),
    ends("computes a number without end", End::Ends, "x = 9 ** 9 ** 9"),
    ends("writes a number out", End::Ends, "x = str(10 ** 10_000_000 if False else (1 << 40_000_000))"),
    ends("calls itself", End::Finishes, "def f(): return f()\nf()"),
    ends(
        "calls itself as deep as it likes",
        End::Ends,
        "import sys; sys.setrecursionlimit(10**9)\ndef f(x): return [f(y) for y in x]\nx = []; x.append(x)\nf(x)",
    ),
    ends("asks for a wide text", End::Ends, "len(f'{1:>100000000000}')"),
    ends("asks for a wide text in another way", End::Ends, "len('%100000000000d' % 1)"),
    ends("reads a long number", End::Ends, "import sys\nint('9' * 5_000_000)"),
    ends("fills memory by replacing", End::Ends, "x = 'a' * 100_000\nlen(x.replace('a', x))"),
    ends("fills memory by joining", End::Ends, "x = 'a' * 1_000_000\nlen(x.join([x] * 1_000_000))"),
    ends("fills memory with a range", End::Ends, "list(range(10**18))"),
    ends("counts without end", End::Ends, "sum(range(10**18))"),
    ends("looks without end", End::Ends, "10**18 in [i for i in range(10**12)]"),
    ends("multiplies without end", End::Ends, "x = 3\nwhile True: x *= x"),
    ends("sorts by a key without end", End::Ends, "def k(x): return sorted([x], key=k)\nk(1)"),
    ends("compares deep lists", End::Ends, "x, y = [], []\nfor i in range(500_000): x, y = [x], [y]\nx == y"),
    ends("compares lists that hold themselves", End::Ends, "x, y = [], []\nx.append(x); y.append(y)\nx == y"),
    ends("hashes deep tuples", End::Ends, "x = ()\nfor i in range(500_000): x = (x,)\nhash(x)"),
    ends(
        "writes deep values as JSON",
        End::Ends,
        "import json\nx = []\nfor i in range(500_000): x = [x]\njson.dumps(x)",
    ),
    ends("reads deep JSON", End::Ends, "import json\njson.loads('[' * 1_000_000)"),
    ends("drops a deep value", End::Ends, "x = []\nfor i in range(2_000_000): x = [x]\nx = None\nprint(1)"),
    ends("gives a deep value", End::Ends, "x = []\nfor i in range(200_000): x = [x]\nx"),
    ends("raises without end", End::Ends, "while True:\n    try: raise ValueError\n    except ValueError: pass"),
    ends("catches all", End::Ends, "while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    refused("writes one large file", "f = open('f', 'wb')\nwhile True: f.write(b'x' * 1_000_000)"),
    ends(
        "fills the disk",
        End::Reaches(&[Bound::Disk]),
        "i = 0\nwhile True:\n    i += 1\n    with open(f'f{i}', 'wb') as f: f.write(b'x' * 1_000_000)",
    ),
    ends(
        "fills the disk with files that have no name",
        End::Reaches(&[Bound::Disk]),
        "import os\nwhile True:\n    f = open('f', 'wb')\n    os.remove('f')\n    f.write(b'x' * 1_000_000)\n    f.close()",
    ),
    ends(
        "makes files without end",
        End::Reaches(&[Bound::Disk, Bound::Cpu, Bound::Wall]),
        "i = 0\nwhile True:\n    i += 1\n    open(f'f{i}', 'w').close()",
    ),
    ends(
        "makes folders without end",
        End::Reaches(&[Bound::Disk]),
        "import os, time\nfor i in range(300):\n    os.mkdir('d'); os.chdir('d')\ntime.sleep(60)",
    ),
    refused("opens files without end", "x = []\nwhile True: x.append(open('f', 'w'))"),
    reaches("floods standard output", &[Bound::Output], "while True: print('x' * 10_000)"),
    ends(
        "floods standard error",
        End::Reaches(&[Bound::Output]),
        "import sys\nwhile True: sys.stderr.write('x' * 10_000)",
    ),
    // The interpreter.
    refused(
        "looks at its environment",
        "import os; print('BREACH' if 'PATH' in os.environ or 'CARGO_PKG_NAME' in os.environ else '')",
    ),
    compared(
        "walks over the subclasses",
        "for c in ().__class__.__base__.__subclasses__():\n    if c.__name__ == 'Popen': c('echo BREACH', shell=True).wait()\nimport subprocess; subprocess.Popen('echo BREACH', shell=True).wait()",
    ),
    ends(
        "finds the host's words in frames",
        End::Finishes,
        "import sys, gc\nf = sys._getframe()\nwhile f: f = f.f_back\nfor o in gc.get_objects():\n    if isinstance(o, dict) and 'CARGO_MANIFEST_DIR' in o: print('BREACH')",
    ),
    ends(
        "starts the interpreter anew",
        End::Finishes,
        "import os, sys\ntry:\n    os.execv(sys.executable, ['python3', '-c', 'print(open(\"{secret}\").read())'])\nexcept OSError as e:\n    print(e)",
    ),
    ends(
        "loads a program through the loader",
        End::Finishes,
        "import os, shutil\nfor loader in ('/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'):\n    try: os.execv(loader, ['ld', '/bin/cat', '{secret}'])\n    except OSError as e: print(e)",
    ),
    refused(
        "watches a folder outside",
        "import ctypes; c = ctypes.CDLL(None); fd = c.inotify_init1(0)\nif fd >= 0 and c.inotify_add_watch(fd, b'{outside}', 0xfff) >= 0: print('BREACH')",
    ),
    refused(
        "owns a signal",
        "import fcntl, os; r, w = os.pipe(); fcntl.fcntl(r, fcntl.F_SETOWN, {pid}); print('BREACH')",
    ),
    compared("imports by name", "__import__('os').system('echo BREACH')"),
    compared("evaluates", "eval(compile(\"__import__('os').system('echo BREACH')\", 'x', 'eval'))"),
    ends(
        "evaluates without end",
        End::Ends,
        "def f(s): exec('f(s)', globals(), {'s': s, 'f': f})\ns = 'exec(s)'\nexec(s)",
    ),
    ends("nests brackets", End::Ends, "eval('(' * 100_000 + ')' * 100_000)"),
    ends("nests minus signs", End::Ends, "eval('-' * 500_000 + '1')"),
    ends("nests lists", End::Ends, "x = []\nfor i in range(1_000_000): x = [x]\nprint(len(repr(x)))"),
    ends("closes all files", End::Ends, "import os\nos.closerange(0, 1000)"),
    ends(
        "speaks to the host out of turn",
        End::Ends,
        "import os\nfor fd in range(3, 32):\n    try: os.write(fd, b'garbage\\n')\n    except OSError: pass",
    ),
    ends(
        "speaks to the host without end",
        End::Ends,
        "import os\nwhile True:\n    for fd in range(3, 32):\n        try: os.write(fd, b'x' * 60_000)\n        except OSError: pass",
    ),
    ends("ends in a bad way", End::Finishes, "import os; os._exit(7)"),
    ends(
        "leaves when it ends",
        End::Ends,
        "import atexit, time; atexit.register(lambda: [None for _ in iter(int, 1)])",
    ),
];
