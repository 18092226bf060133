"""Another choice in a list of a page that draws itself anew, and how long that takes."""

# In the page: [name, value] of a list -> milliseconds until the answer is on the screen.
CHOOSE = """async ([name, value]) => {
    const list = document.querySelector(`#keuze-${name}`);
    list.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    const begin = performance.now();
    list.value = value;
    list.dispatchEvent(new Event("change", { bubbles: true }));
    const main = document.querySelector("main");
    while (main.hasAttribute("aria-busy")) await new Promise((again) => setTimeout(again, 1));
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 0)));
    return performance.now() - begin;
}"""
