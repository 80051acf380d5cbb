//! Drawings as pictures, for forms that cannot draw.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Color, Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

use crate::fonts;

/// Dots for each unit of the drawing: sharp on paper.
const SCALE: f32 = 2.5;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut database = Database::new();
    fonts::DATA.iter().for_each(|data| database.load_font_data(data.to_vec()));
    Arc::new(database)
});

/// A picture.
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// The size of the drawing that it was made from.
    pub size: (f32, f32),
}

/// Paints an SVG document on white.
///
/// # Errors
/// What is wrong with the drawing, for the log.
pub fn paint(svg: &str) -> Result<Picture, String> {
    let rare = fonts::rare([svg]);
    let mut shown = std::borrow::Cow::Borrowed(svg);
    if !rare.missing.is_empty() {
        let mark = |one| if rare.missing.contains(&one) { fonts::MISSING } else { one };
        shown = svg.chars().map(mark).collect::<String>().into();
    }
    let mut database = Arc::clone(&FONTS);
    if !rare.fonts.is_empty() {
        let own = Arc::make_mut(&mut database);
        rare.fonts.iter().for_each(|font| own.load_font_data(font.data().to_vec()));
    }
    let options =
        Options { fontdb: database, font_family: "Zhijian Sans SC".to_owned(), ..Options::default() };
    let tree = Tree::from_str(&shown, &options).map_err(|error| error.to_string())?;
    let size = tree.size();
    let dots = size.to_int_size().scale_by(SCALE).ok_or("it is too large")?;
    let mut pixmap = Pixmap::new(dots.width(), dots.height()).ok_or("it is too large")?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
    let png = pixmap.encode_png().map_err(|error| error.to_string())?;
    Ok(Picture { png, size: (size.width(), size.height()) })
}
