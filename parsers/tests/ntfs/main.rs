//! The readers of $MFT, $UsnJrnl:$J and $Secure:$SDS, on volumes made here and on those of the corpus.

#[path = "../common/fields.rs"]
mod fields;
#[path = "../common/keep.rs"]
mod keep;
#[path = "../common/listed.rs"]
mod listed;

mod content;
mod corpus;
mod damage;
mod damaged_journal;
mod damaged_owners;
mod deep;
mod facts;
mod journal;
mod made;
mod many;
mod names;
mod recognised;
mod renames;
mod shares;
mod table;
mod times;
mod told;
