//! The region: at most one row.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, entity::prelude::*};
use zhijian_platform::Error;

use crate::domain::{region::Region, text::Bilingual};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_region")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub region_id: i32,
    pub name_zh: String,
    pub name_en: String,
    pub demonstration: bool,
    pub note_zh: Option<String>,
    pub note_en: Option<String>,
    pub demonstration_load_time: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The key of the only row.
const ONLY: i32 = 1;

/// The region as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    pub region: Region,
    pub version: i64,
}

/// The region, once it has been set up.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait) -> Result<Option<Kept>, Error> {
    Ok(Entity::find_by_id(ONLY).one(conn).await?.map(Kept::from))
}

/// Describes the region for the first time.
///
/// # Errors
/// ALREADY_EXISTS if it is described; the database's own.
pub async fn insert(conn: &impl ConnectionTrait, region: Region) -> Result<(), Error> {
    Entity::insert(row(region, 1)).exec_without_returning(conn).await.map_err(|error| {
        super::unless_taken(error, || Error::AlreadyExists { resource: "region".to_owned() })
    })?;
    Ok(())
}

/// Describes the region anew.
///
/// # Errors
/// The database's own.
pub async fn update(conn: &impl ConnectionTrait, earlier: &Kept, region: Region) -> Result<Kept, Error> {
    Ok(Entity::update(row(region, earlier.version + 1)).exec(conn).await?.into())
}

fn row(region: Region, version: i64) -> ActiveModel {
    let note = |language: fn(&Bilingual) -> &str| region.note.as_ref().map(|note| language(note).to_owned());
    ActiveModel {
        region_id: Set(ONLY),
        name_zh: Set(region.name.zh().to_owned()),
        name_en: Set(region.name.en().to_owned()),
        demonstration: Set(region.demonstration),
        note_zh: Set(note(Bilingual::zh)),
        note_en: Set(note(Bilingual::en)),
        demonstration_load_time: Set(region.demonstration_load_time),
        version: Set(version),
    }
}

impl From<Model> for Kept {
    fn from(row: Model) -> Self {
        let region = Region {
            name: Bilingual::kept(row.name_zh, row.name_en),
            demonstration: row.demonstration,
            note: row.note_zh.zip(row.note_en).map(|(zh, en)| Bilingual::kept(zh, en)),
            demonstration_load_time: row.demonstration_load_time,
        };
        Self { region, version: row.version }
    }
}
