"""The local server: who may ask, what is sent along, and that the demo page works under its rules
in a real Chromium."""
import socket
import threading
from urllib.parse import urlsplit

import pytest
import torch
from slr_tiny.web.browser import Tab
from slr_tiny.deploy.recognizer import export
from slr_tiny.core import InputError
from slr_tiny.web.server import HEADERS, free_port, page_folder, serve
from slr_tiny.models.spoter import SPOTER

@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    for name in ("pages", "models", "secret", "pages/.git", "pages/inner"): (folder / name).mkdir()
    (folder / "pages/index.html").write_text("<!doctype html><title>hello</title>")
    for name in ("pages/.git/config", "pages/.env", "secret/key", "pages/inner/file.txt",
                 "models/a.onnx"):
        (folder / name).write_text("content of " + name)
    (folder / "pages/out").symlink_to(folder / "secret")
    (folder / "pages/key").symlink_to(folder / "secret/key")
    (folder / "pages/shown").symlink_to(folder / "pages/.env")
    return folder

@pytest.fixture(scope="module")
def address(place):
    with serve({"/": place / "pages", "/models": place / "models"}) as address: yield address

def raw(address, request):
    "What comes back for these very bytes"
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port),
                                  timeout=30) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b"")).decode("latin-1")

def get(address, target, host=None, method="GET", version="1.1"):
    said = raw(address,
               f"{method} {target} HTTP/{version}\r\nHost: "
               f"{host or urlsplit(address).netloc}\r\nConnection: close\r\n\r\n".encode("latin-1"))
    return int(said.split()[1]), said

@pytest.mark.parametrize("host",
                         ["rebind.example", "rebind.example:{port}", "127.0.0.1", "localhost",
                          "127.0.0.1:1", "0.0.0.0:{port}", "127.0.0.1.evil.example:{port}",
                                  "evil@127.0.0.1:{port}", "[::ffff:127.0.0.1]:{port}"])
def test_other_hosts_get_nothing(address, host):
    status, said = get(address, "/models/a.onnx", host.format(port=urlsplit(address).port))
    assert status in (400, 403, 421) and "content of" not in said

@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}",
                                  "[::1]:{port}"])
def test_own_names_are_served(address, host):
    assert get(address, "/models/a.onnx", host.format(port=urlsplit(address).port))[0] == 200

@pytest.mark.parametrize("target",
                         ["/../secret/key", "/%2e%2e/secret/key", "/..%2fsecret/key",
                          "/models/../../secret/key", "/out/key", "/key", "/.env", "/.git/config",
                          "/%2egit/config", "/shown",
                                    "//etc/passwd", "/models/%2e%2e%2f%2e%2e%2fsecret%2fkey",
                          "/inner/../.env", "http://evil.example/key"])
def test_nothing_hidden_and_nothing_outside(address, target):
    status, said = get(address, target)
    assert status in (400, 403, 404) and "content of" not in said and "root:" not in said

@pytest.mark.parametrize("target", ["/inner/", "/models/", "/inner", "/models"])
def test_no_folder_is_listed(address, target):
    assert "file.txt" not in get(address, target)[1] and "a.onnx" not in get(address, target)[1]

@pytest.mark.parametrize("target",
                         ["/%00", "/inner/file.txt%00.html", "/%0d%0aSet-Cookie:x", "/%7f", "*"])
def test_what_is_no_address(address, target): assert get(address, target)[0] == 400

@pytest.mark.parametrize("request_",
                         [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
                          b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                          b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n"])
def test_broken_requests_do_no_harm(address, request_):
    said = raw(address, request_)
    assert "Traceback" not in said and not said.startswith("HTTP/1.1 200")
    assert get(address, "/")[0] == 200

@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_reading(address, method):
    assert get(address, "/", method=method)[0] in (400, 405)

@pytest.mark.parametrize("target", ["/", "/models/a.onnx", "/nowhere", "/%00"])
def test_headers_stand_on_every_answer(address, target):
    said = get(address, target)[1].lower()
    for name, value in HEADERS.items(): assert f"{name}: {value}".lower() in said
    assert "\nserver:" not in said

def test_silent_connections_hold_no_threads_and_are_closed(place):
    with serve({"/": place / "pages"}, idle=2.) as address:
        get(address, "/")
        before = threading.active_count()
        silent = [socket.create_connection((urlsplit(address).hostname, urlsplit(address).port),
                                           timeout=120) for _ in range(300)]
        silent[0].sendall(b"GET / HTTP/1.1\r\nHost: ")      # one that begins and does not go on
        assert get(address, "/")[0] == 200 and threading.active_count() <= before
        for line in silent:
            assert line.recv(65536) == b""
            line.close()

def test_port_is_kept_and_the_next_one_is_taken(place):
    port = free_port(18217)
    with serve({"/": place / "pages"}, port=port) as one:
        assert free_port(port) > port
        with pytest.raises(InputError): free_port(port, tries=1)
    with serve({"/": place / "pages"}, port=port) as two: assert one == two

@pytest.mark.long
def test_demo_page_breaks_no_rule(tmp_path):
    "Zero violations of the content policy, in the page and in what it fetches"
    from slr_tiny.pose.light_networks import served_networks
    torch.manual_seed(0)
    export(SPOTER(3, layers=1, feedforward=32).eval(), ["a", "b", "c"],
           tmp_path / "student_int8.onnx")
    with serve({"/": page_folder(), "/models": tmp_path, "/engine": served_networks()}) as address:
        for name in ("index.html", "bench.html", "divergence.html",
                     "weight.html?model=./models/student_int8.onnx"):
            tab = Tab(address)
            try:
                said = []
                tab.call(lambda: tab.page.on("console", lambda message: said.append(message.text)))
                tab.call(
                    lambda: tab.page.add_init_script(
                        "window.broken = []; document.addEventListener('securitypolicyviolation', "
                        "e => broken.push(e.violatedDirective + e.blockedURI))"))
                tab.call(lambda: tab.page.goto(f"{address}/{name}", wait_until="load"))
                if name == "index.html":
                    tab.call(tab.page.wait_for_function,
                             "!document.getElementById('video-file').disabled")
                if name.startswith("weight"):
                    tab.call(tab.page.wait_for_function,
                             "/answer/.test(document.getElementById('status').textContent)")
                assert tab.evaluate("window.broken") == [] and tab.evaluate(
                    "crossOriginIsolated") and tab.outside == [] and tab.errors == []
                assert [text for text in said if "Content Security Policy" in text] == []
            finally: tab.close()

@pytest.mark.parametrize("name", ["index.html", "bench.html", "divergence.html", "weight.html"])
def test_a_page_opened_by_double_click_says_what_to_do(address, name):
    "A browser loads no modules from files, so the page would wait for ever"
    tab = Tab(address)
    try:
        tab.call(lambda: tab.page.goto((page_folder() / name).as_uri(), wait_until="load"))
        said = tab.call(tab.page.text_content, "#status")
        assert "opened as a file" in said and "slr-tiny demo" in said
    finally: tab.close()
