//! Pages in headless Chromium: what is wider than its screen, too small to read, or lies on something else.
//!
//! Pages run no script, by their own policy. What is measured is measured by a script in a copy without that policy,
//! and read from the document that the browser prints. With `CLEARWAY_PICTURES=DIR` pictures of all pages stay there, for
//! eyes.

use crate::pages;
use clearway_tests::requirement::{find, skip, tools_are_required};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Widths of a phone and of a desk.
const WIDTHS: [u32; 2] = [360, 1280];
/// A browser that takes longer has hung.
const LIMIT: Duration = Duration::from_secs(120);
/// The smallest text that is read without effort.
const TEXT_MIN_PX: f64 = 10.0;
/// Longer than a capacity report is no page.
const SHEETS_MAX: usize = 14;
/// Texts may touch by so much: boxes are taller than letters.
const TOUCH_PX: f64 = 4.0;

/// Tells what is wrong with a page's layout.
const SCRIPT: &str = r#"<script>
  const wide = [], small = [], outside = [], crossing = [];
  const root = document.documentElement;
  for (const plot of document.querySelectorAll("svg.plot")) {
    const frame = plot.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...plot.querySelectorAll("text")].map(text => [text, text.getBoundingClientRect()]);
    for (const [text, box] of texts) {
      const size = parseFloat(getComputedStyle(text).fontSize) * plot.getScreenCTM().a;
      if (size < TEXT_MIN) small.push(text.textContent.trim() + " " + size);
      if (box.left < frame.left - 8 || box.right > frame.right + 8 || box.top < frame.top - 4 || box.bottom > frame.bottom + 4)
        outside.push(plot.querySelector("title").textContent + ": " + text.textContent.trim());
      for (const [other, its] of texts) {
        if (other === text) break;
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > TOUCH && down > TOUCH) crossing.push(plot.querySelector("title").textContent + ": " + text.textContent.trim() + " on " + other.textContent.trim());
      }
    }
  }
  for (const part of document.body.querySelectorAll("*")) {
    if (part.closest("svg, .table") && !part.matches(".table")) continue;
    const box = part.getBoundingClientRect();
    if (box.right > root.clientWidth + 1) wide.push(part.tagName + " " + part.className + " " + box.right);
  }
  const shown = [...document.querySelectorAll("svg.plot")].filter(plot => plot.getBoundingClientRect().width > 0).length;
  const told = { width: root.clientWidth, scroll: root.scrollWidth, shown, wide, small, outside, crossing };
  parent.postMessage(JSON.stringify(told), "*");
</script></body>"#;

/// A window is never narrower than 500 pixels; a frame in it is.
const FRAME: &str = r#"<!DOCTYPE html><body><pre id="told"></pre><script>
  addEventListener("message", message => document.getElementById("told").textContent = message.data);
</script><iframe src="copy.html" style="width:WIDTHpx;height:900px;border:0"></iframe></body>"#;

/// Where the browser is; says so where it is not.
fn browser(test: &str) -> Option<PathBuf> {
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find);
    if found.is_none() {
        assert!(!tools_are_required(), "chromium is missing");
        skip(test, "chromium");
    }
    found
}

/// Opens `page` and gives what the browser printed.
fn open(browser: &Path, folder: &Path, page: &Path, arguments: &[String]) -> String {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let mut command = Command::new(browser);
    // Without a sandbox of its own, which root may not have; the pages are ours and run nothing.
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]);
    command.args([&profile]).args(arguments).arg(format!("file://{}", page.display()));
    let output = folder.join("printed");
    let file = std::fs::File::create(&output).expect("a file in a folder of our own");
    let child = command.stdout(file).stderr(Stdio::null()).spawn().expect("chromium starts");
    wait(child);
    std::fs::read_to_string(output).unwrap_or_default()
}

fn wait(mut child: Child) {
    let until = Instant::now() + LIMIT;
    loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            assert!(status.success(), "chromium: {status}");
            return;
        }
        if Instant::now() > until {
            let _ = child.kill();
            let _ = child.wait();
            panic!("chromium did not end within {LIMIT:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the script says of a page at a width.
fn layout(browser: &Path, folder: &Path, page: &str, width: u32) -> Value {
    let script = SCRIPT.replace("TEXT_MIN", &TEXT_MIN_PX.to_string()).replace("TOUCH", &TOUCH_PX.to_string());
    let policy = page.find("<meta http-equiv=\"Content-Security-Policy\"").expect("a policy");
    let end = policy + page[policy..].find("/>").expect("its end") + 2;
    let copy = format!("{}{}", &page[..policy], &page[end..]).replace("</body>", &script);
    let path = folder.join("frame.html");
    std::fs::write(folder.join("copy.html"), copy).expect("a file in a folder of our own");
    std::fs::write(&path, FRAME.replace("WIDTH", &width.to_string())).expect("a file in a folder of our own");
    let arguments = ["--window-size=1600,1000", "--virtual-time-budget=5000", "--dump-dom"].map(str::to_owned);
    let printed = open(browser, folder, &path, &arguments);
    let told = printed.split_once(r#"<pre id="told">"#).and_then(|(_, rest)| rest.split_once("</pre>"));
    let (told, _) = told.unwrap_or_else(|| panic!("nothing told: {printed:.300}"));
    let json = told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

#[test]
fn pages_fit_a_phone_and_a_desk() {
    let Some(browser) = browser("the layout of pages") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, page) in pages() {
        for width in WIDTHS {
            let told = layout(&browser, folder.path(), &page, width);
            assert_eq!(told["width"], width, "{name}: {told}");
            assert_eq!(told["scroll"], width, "{name} at {width} px scrolls sideways: {told}");
            for fault in ["wide", "small", "outside", "crossing"] {
                assert_eq!(told[fault].as_array().map(Vec::len), Some(0), "{name} at {width} px: {}", told[fault]);
            }
            let plots = page.matches("<figure ").count();
            assert_eq!(told["shown"], plots, "{name} at {width} px shows one drawing of each plot");
        }
    }
}

#[test]
fn pages_can_be_printed() {
    let Some(browser) = browser("printing pages") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, page) in pages() {
        let (path, pdf) = (folder.path().join("page.html"), folder.path().join(format!("{name}.pdf")));
        std::fs::write(&path, page).expect("a file in a folder of our own");
        let arguments = [format!("--print-to-pdf={}", pdf.display()), "--no-pdf-header-footer".into()];
        open(&browser, folder.path(), &path, &arguments);
        let printed = std::fs::read(&pdf).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(printed.starts_with(b"%PDF"), "{name}");
        let sheets = printed.windows(12).filter(|bytes| *bytes == b"/Type /Page\n").count();
        assert!((1..=SHEETS_MAX).contains(&sheets), "{name}: {sheets} sheets of paper");
    }
}

#[test]
fn pictures_for_eyes() {
    let Some(wanted) = std::env::var_os("CLEARWAY_PICTURES").map(PathBuf::from) else { return };
    let Some(browser) = browser("pictures of pages") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(&wanted).expect("the folder that was asked for");
    for (name, page) in pages() {
        let path = folder.path().join("page.html");
        std::fs::write(&path, page).expect("a file in a folder of our own");
        for (width, height) in [(360, 6_000), (1280, 2_600)] {
            let picture = wanted.join(format!("{name}-{width}.png"));
            let arguments = [format!("--window-size={width},{height}"), format!("--screenshot={}", picture.display())];
            open(&browser, folder.path(), &path, &arguments);
        }
    }
}
