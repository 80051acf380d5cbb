//! An edition's page taken apart for search: what stands beneath each heading and in each table, with its place.

/// What stands at one place of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The place: what follows "#" in an address.
    pub place: String,
    /// The heading, or what a table, figure or case is called.
    pub title: String,
    /// The text, without what stands at places of its own.
    pub text: String,
}

/// Elements whose words are not the text: the contents repeat headings, pictures repeat their tables.
const PASSED_OVER: [&str; 3] = ["nav", "svg", "summary"];
/// Elements that stand within a line.
const INLINE: [&str; 6] = ["a", "em", "strong", "span", "sup", "code"];

/// Where the walk is within the place that it reads.
struct Open {
    passage: Passage,
    /// The element that gives the place; its text ends with it, unless it is a heading.
    element: String,
    depth: usize,
}

/// Takes the HTML of an edition apart. It is what `EditionService.GetEdition` answers: every element is closed, and the
/// chapters, headings, tables, figures and cases each have an id.
pub fn passages(html: &str) -> Vec<Passage> {
    let mut done = vec![];
    let mut open: Vec<Open> = vec![];
    let mut elements: Vec<&str> = vec![];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        write(&rest[..at], &elements, &mut open);
        let Some(end) = rest[at..].find('>') else { break };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if !INLINE.contains(&name) {
                part(&mut open);
            }
            close(name, &mut elements, &mut open, &mut done);
        } else {
            let name = tag.split([' ', '/']).next().unwrap_or_default();
            if !INLINE.contains(&name) {
                part(&mut open);
            }
            // What is closed at once, as pictures' lines are, holds nothing.
            if tag.ends_with('/') || matches!(name, "br" | "img" | "hr") {
                continue;
            }
            elements.push(name);
            let id = attribute(tag, "id").filter(|id| !id.starts_with("note-"));
            let passed_over = elements.iter().any(|element| PASSED_OVER.contains(element));
            if let Some(id) = id.filter(|_| !passed_over) {
                let passage = Passage { place: unescape(id), title: String::new(), text: String::new() };
                // A heading begins a place that reaches to the next heading of its chapter.
                if is_heading(name) && open.last().is_some_and(|last| is_heading(&last.element)) {
                    done.extend(open.pop().map(|open| open.passage));
                }
                open.push(Open { passage, element: name.to_owned(), depth: elements.len() });
            }
        }
    }
    done.extend(open.into_iter().map(|open| open.passage));
    done.iter_mut().for_each(tidy);
    done.retain(|passage| !passage.title.is_empty());
    done
}

fn close(name: &str, elements: &mut Vec<&str>, open: &mut Vec<Open>, done: &mut Vec<Passage>) {
    if elements.last() == Some(&name) {
        elements.pop();
    }
    while open.last().is_some_and(|last| {
        // A heading's place goes on after it, as long as what holds the heading.
        let least = if is_heading(&last.element) { last.depth - 1 } else { last.depth };
        elements.len() < least
    }) {
        done.extend(open.pop().map(|open| open.passage));
    }
}

/// Adds words to the place that is open, to its title where they stand in its heading.
fn write(words: &str, elements: &[&str], open: &mut [Open]) {
    if words.is_empty() || elements.iter().any(|element| PASSED_OVER.contains(element)) {
        return;
    }
    let Some(last) = open.last_mut() else { return };
    let titled = match elements.get(last.depth.saturating_sub(1)..) {
        Some([heading, ..]) if is_heading(heading) && is_heading(&last.element) => true,
        Some([_, "h2" | "figcaption", ..]) => true,
        Some(["section", "p", ..]) if last.element == "section" && last.passage.title.is_empty() => {
            // The first paragraph of a case is what it is called.
            last.passage.text.trim().is_empty()
        }
        _ => false,
    };
    let to = if titled { &mut last.passage.title } else { &mut last.passage.text };
    to.push_str(&unescape(words));
}

/// Cells and paragraphs do not run into each other.
fn part(open: &mut [Open]) {
    if let Some(last) = open.last_mut() {
        last.passage.text.push('\n');
    }
}

fn is_heading(element: &str) -> bool {
    matches!(element, "h3" | "h4")
}

fn tidy(passage: &mut Passage) {
    passage.title = line(&passage.title);
    let lines: Vec<String> = passage.text.lines().map(line).filter(|line| !line.is_empty()).collect();
    passage.text = lines.join("\n");
}

/// The words of a text with one space between them.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.find(&format!(" {name}=\""))?;
    tag[at + name.len() + 3..].split('"').next()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_own_words() {
        let found = passages(
            "<article class=\"document\"><p class=\"preface\">说明</p><nav class=\"contents\"><a href=\"#chapter-1\">1 概况</a></nav>\
             <section class=\"chapter\" id=\"chapter-1\"><h2>1 概况</h2><p>全市有 <a class=\"bound\" href=\"/t\">120</a>所。</p>\
             <h3 id=\"section-1.1\">1.1 规模</h3><p>在校生 A&amp;B。</p><p>又一段。</p>\
             <figure class=\"table\" id=\"table-1-1\"><figcaption>表 1-1 规模</figcaption><table><tr><td>高职</td><td>25</td></tr></table></figure>\
             <p>表后一段。</p><h4 id=\"section-1.1.1\">1.1.1 细分</h4><p>细。</p><h3 id=\"section-1.2\">1.2 经费</h3><p>万元<sup><a id=\"note-ref-1\">1</a></sup></p>\
             <figure id=\"figure-1-2\"><figcaption>图 1-2 走势</figcaption><svg><path d=\"M0\"/><text id=\"x\">9</text></svg><details><summary>看数据表</summary><table><td>9</td></table></details></figure>\
             </section><section class=\"chapter\" id=\"chapter-2\"><h2>2 育人</h2><p>课程。</p><section class=\"case\" id=\"case-1\"><p class=\"title\">案例 1 订单班</p><p>校企。</p></section></section></article>",
        );
        let shown: Vec<(&str, &str, &str)> =
            found.iter().map(|one| (one.place.as_str(), one.title.as_str(), one.text.as_str())).collect();
        let mut wanted = vec![
            ("chapter-1", "1 概况", "全市有 120所。"),
            ("section-1.1", "1.1 规模", "在校生 A&B。\n又一段。\n表后一段。"),
            ("table-1-1", "表 1-1 规模", "高职\n25"),
            ("section-1.1.1", "1.1.1 细分", "细。"),
            ("section-1.2", "1.2 经费", "万元1"),
            ("figure-1-2", "图 1-2 走势", "9"),
            ("chapter-2", "2 育人", "课程。"),
            ("case-1", "案例 1 订单班", "校企。"),
        ];
        let mut shown = shown;
        shown.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(shown, wanted);
    }

    #[test]
    fn what_is_cut_off_or_no_edition_does_no_harm() {
        assert!(passages("").is_empty());
        assert!(passages("<p>Nichts</p></p></section>").is_empty());
        assert_eq!(passages("<section id=\"a\"><h2>甲</h2>乙 <b").len(), 1);
    }
}
