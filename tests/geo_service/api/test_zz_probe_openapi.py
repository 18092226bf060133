import math, httpx, requests, socket, subprocess
def test_probe(demo):
    host, port = demo.address[7:].split(":")
    for n in (65000, 66000, 1000000):
        with socket.create_connection((host, int(port)), timeout=10) as s:
            try:
                s.sendall(b"GET /v1/collections/buurten/items?filter=" + b"a"*n + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                print("raw", n, s.recv(4000)[:120])
            except Exception as e: print("raw", n, repr(e))
    for points in (50, 200, 400, 800, 1500):
        ring = ", ".join(f"{6.88+0.05*math.cos(2*math.pi*i/points):.6f} {52.22+0.03*math.sin(2*math.pi*i/points):.6f}" for i in range(points))
        q = {"limit": 1, "filter": f"S_INTERSECTS(geometry, POLYGON(({ring}, {ring.split(', ')[0]})))"}
        for lib in (httpx, requests):
            try:
                r = lib.get(demo.address + "/v1/collections/buurten/items", params=q)
                print("ring", points, lib.__name__, r.status_code, "url", len(str(r.url)), "link", len(r.headers.get("link", "")))
            except Exception as e: print("ring", points, lib.__name__, type(e).__name__, str(e)[:100])
    print("gdal", subprocess.run(["ogrinfo", "-ro", f"OAPIF:{demo.address}/v1/"], capture_output=True, text=True).stdout[-900:])
    done = subprocess.run(["ogrinfo", "-ro", "-so", "-where", "type = 'speeltuin'", f"OAPIF:{demo.address}/v1/", "voorzieningen", "--debug", "on"], capture_output=True, text=True)
    print("gdal2", "\n".join(l for l in (done.stdout+done.stderr).splitlines() if "HTTP" in l or "Count" in l or "api" in l.lower())[:2500])
