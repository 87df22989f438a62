//! What there is in a world: kinds, properties, relations.

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Country,
    Region,
    River,
    Town,
    Person,
    Organisation,
    Mill,
    Work,
}

/// A property with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Field {
    Coin,
    Crop,
    Length,
    Fish,
    Founded,
    Trade,
    Population,
    Born,
    Profession,
    Hobby,
    Product,
    Built,
    Wheels,
    Form,
    Year,
    Topic,
}

/// A relation from one kind to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Bond {
    Country,
    Source,
    Region,
    River,
    Birthplace,
    Employer,
    Teacher,
    Spouse,
    Seat,
    Founder,
    Head,
    Town,
    Builder,
    Author,
    Publisher,
    About,
}

/// Something that is said of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Predicate {
    /// The value of a property.
    Field(Field),
    /// What a relation leads to.
    Bond(Bond),
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Country,
        Self::Region,
        Self::River,
        Self::Town,
        Self::Person,
        Self::Organisation,
        Self::Mill,
        Self::Work,
    ];

    /// The kind as a graph names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Region => "region",
            Self::River => "river",
            Self::Town => "town",
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Mill => "mill",
            Self::Work => "work",
        }
    }

    /// Its share of all entities, in thousandths, and the least number of it.
    pub(crate) fn share(self) -> (u64, u64) {
        match self {
            Self::Country => (4, 4),
            Self::Region => (16, 8),
            Self::River => (40, 8),
            Self::Town => (120, 16),
            Self::Person => (400, 40),
            Self::Organisation => (120, 12),
            Self::Mill => (80, 8),
            Self::Work => (220, 20),
        }
    }

    /// Its properties.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Self::Country => &[Field::Coin],
            Self::Region => &[Field::Crop],
            Self::River => &[Field::Length, Field::Fish],
            Self::Town => &[Field::Founded, Field::Trade, Field::Population],
            Self::Person => &[Field::Profession, Field::Born, Field::Hobby],
            Self::Organisation => &[Field::Founded, Field::Product],
            Self::Mill => &[Field::Built, Field::Wheels],
            Self::Work => &[Field::Form, Field::Year, Field::Topic],
        }
    }

    /// The relations that begin at it.
    pub(crate) fn bonds(self) -> impl Iterator<Item = Bond> {
        Bond::ALL.into_iter().filter(move |bond| bond.from() == self)
    }
}

impl Field {
    /// The property as a graph names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Coin => "coin",
            Self::Crop => "crop",
            Self::Length => "length",
            Self::Fish => "fish",
            Self::Founded => "founded",
            Self::Trade => "trade",
            Self::Population => "population",
            Self::Born => "born",
            Self::Profession => "profession",
            Self::Hobby => "hobby",
            Self::Product => "product",
            Self::Built => "built",
            Self::Wheels => "wheels",
            Self::Form => "form",
            Self::Year => "year",
            Self::Topic => "topic",
        }
    }
}

impl Bond {
    pub(crate) const ALL: [Self; 16] = [
        Self::Country,
        Self::Source,
        Self::Region,
        Self::River,
        Self::Birthplace,
        Self::Employer,
        Self::Teacher,
        Self::Spouse,
        Self::Seat,
        Self::Founder,
        Self::Head,
        Self::Town,
        Self::Builder,
        Self::Author,
        Self::Publisher,
        Self::About,
    ];

    /// The relation as a graph names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Source => "source",
            Self::Region => "region",
            Self::River => "river",
            Self::Birthplace => "birthplace",
            Self::Employer => "employer",
            Self::Teacher => "teacher",
            Self::Spouse => "spouse",
            Self::Seat => "seat",
            Self::Founder => "founder",
            Self::Head => "head",
            Self::Town => "town",
            Self::Builder => "builder",
            Self::Author => "author",
            Self::Publisher => "publisher",
            Self::About => "about",
        }
    }

    /// What it begins at.
    pub(crate) fn from(self) -> Kind {
        match self {
            Self::Country => Kind::Region,
            Self::Source => Kind::River,
            Self::Region | Self::River => Kind::Town,
            Self::Birthplace | Self::Employer | Self::Teacher | Self::Spouse => Kind::Person,
            Self::Seat | Self::Founder | Self::Head => Kind::Organisation,
            Self::Town | Self::Builder => Kind::Mill,
            Self::Author | Self::Publisher | Self::About => Kind::Work,
        }
    }

    /// What it leads to.
    pub(crate) fn to(self) -> Kind {
        match self {
            Self::Country => Kind::Country,
            Self::Source | Self::Region => Kind::Region,
            Self::River => Kind::River,
            Self::Birthplace | Self::Seat | Self::Town => Kind::Town,
            Self::Employer | Self::Publisher => Kind::Organisation,
            Self::Teacher | Self::Spouse | Self::Founder | Self::Head | Self::Builder | Self::Author => Kind::Person,
            Self::About => Kind::Mill,
        }
    }
}

impl Predicate {
    /// What is said under this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let field = Kind::ALL.into_iter().flat_map(Kind::fields).copied().find(|it| it.as_str() == name);
        let bond = || Bond::ALL.into_iter().find(|it| it.as_str() == name);
        field.map(Self::Field).or_else(|| bond().map(Self::Bond))
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Field(field) => field.as_str(),
            Self::Bond(bond) => bond.as_str(),
        }
    }
}
