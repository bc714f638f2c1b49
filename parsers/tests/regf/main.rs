//! The reader of registry hives, on hives made here and on those of the corpus.

mod corpus;
mod damage;
mod deleted;
mod dump;
mod events;
mod logs;
mod made;
