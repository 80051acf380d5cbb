//! Wide lists on narrow screens: each row becomes a card, and each cell carries the heading of its column.
//!
//! The style sheet turns a list that is marked here into cards; a wide screen shows it as before. The marks are put into the finished
//! page, so that every list gets them in the same way and none has to say its headings twice. A list is a table without a
//! class of its own in a `div.scroll`, with one row of at least [`FEWEST`] headings; what has fewer fits.

/// How many columns a list has at least to become cards.
const FEWEST: usize = 4;

/// The page with the lists in it marked. What is not a list stays as it is, byte for byte.
pub fn marked(page: &str) -> String {
    const OPENS: &str = "<div class=\"scroll\"";
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut rest = page;
    while let Some(at) = rest.find(OPENS) {
        let Some(inside) = rest[at..].find('>').map(|end| at + end + 1) else { break };
        out.push_str(&rest[..inside]);
        rest = &rest[inside..];
        if let Some((list, after)) = list(rest) {
            out.push_str(&list);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The list that `text` begins with, marked, and what follows it.
fn list(text: &str) -> Option<(String, &str)> {
    const OPENS: &str = "<table>";
    const CLOSES: &str = "</table>";
    let inside = text.strip_prefix(OPENS)?;
    let (inside, after) = inside.split_once(CLOSES)?;
    let (before, head) = inside.split_once("<thead>")?;
    let (head, rows) = head.split_once("</thead>")?;
    // A table in a cell, or more than one row of headings: no list.
    if inside.contains("<table") || head.matches("<tr").count() != 1 || head.contains("colspan") {
        return None;
    }
    let headings = headings(head);
    if headings.len() < FEWEST {
        return None;
    }
    let mut out = format!("<table data-cards>{before}<thead>{head}</thead>");
    let mut column = 0;
    let mut rest = rows;
    while let Some(at) = rest.find('<') {
        let Some(end) = rest[at..].find('>').map(|end| at + end) else { break };
        let tag = &rest[at + 1..end];
        out.push_str(&rest[..end]);
        match tag.split(' ').next() {
            Some("tr") => column = 0,
            Some("td" | "th") => {
                let heading = headings.get(column).filter(|heading| !heading.is_empty());
                // The first cell names the row: it needs no label.
                if let Some(heading) = heading.filter(|_| column > 0 && !tag.contains("colspan")) {
                    out.push_str(" data-label=\"");
                    out.push_str(heading);
                    out.push('"');
                }
                column += 1;
            }
            _ => {}
        }
        out.push('>');
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out.push_str(CLOSES);
    Some((out, after))
}

/// The words of the headings, without their marks. They are escaped already.
fn headings(head: &str) -> Vec<String> {
    let cells = head.split("<th").skip(1);
    let words = cells.map(|cell| {
        let cell = cell.split("</th>").next().unwrap_or_default();
        // What follows the end of the cell's own tag; then every other tag is left out.
        let texts = cell.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text));
        texts.collect::<String>().trim().to_owned()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn every_cell_of_a_wide_list_carries_its_heading() {
        let page = html! {
            p { "<table> in words" }
            div.scroll role="region" { table {
                thead { tr {
                    th scope="col" { "专业" }
                    th scope="col" { a href="?sort=grade" { "等级" } " " span.unit { "（分）" } }
                    th.number scope="col" { "“A\"&B”" }
                    th scope="col" { }
                } }
                tbody { tr { th scope="row" { a href="/x" { "软件" } } td { "A" } td.number { b { "1" } } td { "去" } }
                        tr { td colspan="4" { "没有" } } }
            } }
        };
        let marked = marked(&page.into_string());
        for part in [
            "<table data-cards><thead>",
            "<th scope=\"row\"><a href=\"/x\">软件</a></th>",
            "<td data-label=\"等级 （分）\">A</td>",
            "<td class=\"number\" data-label=\"“A&quot;&amp;B”\"><b>1</b></td>",
            "<td>去</td>",
            "<td colspan=\"4\">没有</td>",
        ] {
            assert!(marked.contains(part), "{part}: {marked}");
        }
    }

    #[test]
    fn what_is_no_wide_list_stays_as_it_is() {
        let narrow = html! { div.scroll { table { thead { tr { th { "a" } th { "b" } } } tbody { tr { td { "1" } td { "2" } } } } } };
        let head = html! { thead { tr { th { "a" } th { "b" } th { "c" } th { "d" } } } };
        let own = html! { div.scroll { table.data { (head) tbody { tr { td { "1" } td { "2" } td { "3" } td { "4" } } } } } };
        let free = html! { table { (head) tbody { tr { td { "1" } td { "2" } td { "3" } td { "4" } } } } };
        let twice = html! { div.scroll { table { thead { tr { th { "a" } th { "b" } } tr { th { "c" } th { "d" } } } } } };
        for page in [narrow, own, free, twice] {
            let page = page.into_string();
            assert_eq!(marked(&page), page);
        }
        assert_eq!(marked("<div class=\"scroll\"><table><thead>"), "<div class=\"scroll\"><table><thead>");
    }
}
