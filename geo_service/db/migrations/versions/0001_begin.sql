-- The first schema, frozen. Later changes are migrations of their own; schema.py shows the present state.

CREATE TABLE intern.bezoek (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    wijkwijzer TEXT COLLATE "C",
    datum DATE NOT NULL,
    kanaal TEXT NOT NULL,
    thema TEXT,
    herkomst_buurt_code TEXT COLLATE "C",
    uitkomst TEXT NOT NULL,
    inhoud_hash BIGINT NOT NULL,
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE INDEX bezoek_datum ON intern.bezoek (gemeente_code, datum);

CREATE TABLE intern.bron_categorie (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    bron_categorie TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (gemeente_code, bron, bron_categorie)
);

CREATE TABLE intern.hotspot (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    run_id BIGINT NOT NULL,
    nummer INTEGER NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    van DATE NOT NULL,
    tot DATE NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    stadsdeel_code TEXT COLLATE "C",
    buurten TEXT[] NOT NULL,
    aantal INTEGER NOT NULL,
    plekken INTEGER NOT NULL,
    plekken_soort TEXT NOT NULL,
    kaartje JSONB NOT NULL,
    geom geometry(POLYGON,28992),
    PRIMARY KEY (gemeente_code, run_id, nummer)
);

CREATE INDEX hotspot_geom ON intern.hotspot USING gist (geom);

CREATE TABLE intern.hotspot_run (
    run_id BIGINT GENERATED ALWAYS AS IDENTITY,
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    methode TEXT NOT NULL,
    parameters JSONB NOT NULL,
    code_versie TEXT NOT NULL,
    bron_versie BIGINT NOT NULL,
    standaard BOOLEAN NOT NULL,
    gemaakt_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (run_id)
);

CREATE INDEX hotspot_run_vraag ON intern.hotspot_run (gemeente_code, bron, periode);

CREATE TABLE intern.ingest_afkeur (
    run_id BIGINT NOT NULL,
    regel BIGINT NOT NULL,
    code TEXT NOT NULL,
    reden TEXT NOT NULL,
    sleutel TEXT
);

CREATE INDEX ingest_afkeur_run ON intern.ingest_afkeur (run_id);

CREATE TABLE intern.ingest_run (
    run_id BIGINT GENERATED ALWAYS AS IDENTITY,
    gemeente_code TEXT COLLATE "C",
    laag TEXT NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    bestand TEXT NOT NULL,
    sha256 TEXT,
    formaat TEXT,
    uitkomst TEXT NOT NULL,
    aantallen JSONB NOT NULL,
    opmerkingen JSONB NOT NULL,
    seconden DOUBLE PRECISION,
    begonnen_op TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (run_id)
);

CREATE TABLE intern.interventie (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    soort TEXT,
    doel SMALLINT,
    partners TEXT,
    gebied_codes TEXT,
    van DATE,
    tot DATE,
    signaal_bron TEXT,
    categorie TEXT,
    richting TEXT,
    kosten DOUBLE PRECISION,
    evaluatie_op DATE,
    inhoud_hash BIGINT NOT NULL,
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE TABLE intern.kubus (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    dag DATE NOT NULL,
    tot DATE NOT NULL,
    aantal INTEGER NOT NULL,
    PRIMARY KEY (gemeente_code, bron, dag, gebied_code, categorie, tot)
);

CREATE TABLE intern.melding (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    melding_id BIGINT NOT NULL,
    jaar SMALLINT NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    tijd TIMESTAMP WITH TIME ZONE NOT NULL,
    dag DATE NOT NULL,
    tijd_onzeker BOOLEAN NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    bron_categorie TEXT,
    status TEXT,
    buurt_code TEXT COLLATE "C",
    gesloten_op TIMESTAMP WITH TIME ZONE,
    melder UUID,
    adres UUID,
    geom geometry(POINT,28992),
    PRIMARY KEY (melding_id, jaar, gemeente_code)
)
 PARTITION BY RANGE (jaar);

CREATE INDEX melding_dag ON intern.melding (dag, gemeente_code);

CREATE INDEX melding_geom ON intern.melding USING gist (geom);

CREATE TABLE intern.melding_sleutel (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    melding_id BIGINT NOT NULL,
    jaar SMALLINT NOT NULL,
    inhoud_hash BIGINT NOT NULL,
    CONSTRAINT melding_sleutel_pkey PRIMARY KEY (sleutel, bron, gemeente_code)
);

CREATE TABLE intern.pand (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    in_gebruik BOOLEAN NOT NULL,
    bouwjaar SMALLINT,
    buurt_code TEXT COLLATE "C",
    inhoud_hash BIGINT NOT NULL,
    geom geometry(POINT,28992),
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE INDEX pand_buurt ON intern.pand (gemeente_code, buurt_code);

CREATE TABLE intern.telling (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    bron_categorie TEXT COLLATE "C" NOT NULL,
    van DATE NOT NULL,
    tot DATE NOT NULL,
    aantal INTEGER NOT NULL,
    PRIMARY KEY (gemeente_code, bron, gebied_code, bron_categorie, van, tot)
);

CREATE TABLE intern.voorziening_gevoelig (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    naam TEXT,
    type TEXT,
    aanbieder TEXT,
    aanbieder_soort TEXT,
    lijn TEXT,
    leefgebied TEXT,
    doelgroep TEXT,
    openingstijden TEXT,
    bereik TEXT,
    capaciteit DOUBLE PRECISION,
    geldig_van DATE,
    geldig_tot DATE,
    zonder_verwijzing BOOLEAN,
    buurt_code TEXT COLLATE "C",
    inhoud_hash BIGINT NOT NULL,
    geom geometry(POINT,28992),
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE TABLE intern.woning (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    in_gebruik BOOLEAN NOT NULL,
    woonfunctie BOOLEAN NOT NULL,
    gebruiksdoelen TEXT,
    oppervlakte DOUBLE PRECISION,
    bouwjaar SMALLINT,
    pand_sleutels TEXT,
    buurt_code TEXT COLLATE "C",
    inhoud_hash BIGINT NOT NULL,
    geom geometry(POINT,28992),
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE INDEX woning_buurt ON intern.woning (gemeente_code, buurt_code);

CREATE TABLE publiek.alias (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    alias TEXT NOT NULL,
    gebied TEXT NOT NULL,
    PRIMARY KEY (gemeente_code, alias)
);

CREATE TABLE publiek.bron (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    naam TEXT COLLATE "C" NOT NULL,
    laag TEXT,
    houder TEXT,
    definitie TEXT,
    registratie_eenheid TEXT,
    grondslag TEXT,
    bewaartermijn_maanden INTEGER,
    optelbaar_met TEXT[],
    geregistreerd BOOLEAN DEFAULT false NOT NULL,
    eerste_dag DATE,
    laatste_dag DATE,
    fijnste_niveau TEXT,
    fijnste_periode TEXT,
    versie BIGINT DEFAULT 0 NOT NULL,
    peildatum TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (gemeente_code, naam)
);

CREATE TABLE publiek.bron_dekking (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    gebied TEXT COLLATE "C" NOT NULL,
    van DATE NOT NULL,
    tot DATE,
    afgeleid BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (gemeente_code, bron, gebied, van)
);

CREATE TABLE publiek.categorie (
    code TEXT COLLATE "C" NOT NULL,
    hoofd TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    volgorde INTEGER NOT NULL,
    PRIMARY KEY (code)
);

CREATE TABLE publiek.cijfer (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    jaar SMALLINT NOT NULL,
    niveau TEXT COLLATE "C" NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    aantal INTEGER,
    status TEXT NOT NULL,
    PRIMARY KEY (gemeente_code, bron, periode, niveau, categorie, gebied_code)
);

CREATE TABLE publiek.gebied (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    jaar SMALLINT NOT NULL,
    niveau TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    geldig_van DATE NOT NULL,
    geldig_tot DATE,
    geom_status TEXT NOT NULL,
    benaderd BOOLEAN DEFAULT false NOT NULL,
    oppervlakte_ha DOUBLE PRECISION,
    geom geometry(MULTIPOLYGON,28992),
    PRIMARY KEY (gemeente_code, jaar, niveau, code)
);

CREATE INDEX gebied_geom ON publiek.gebied USING gist (geom);

CREATE TABLE publiek.gemeente (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    PRIMARY KEY (gemeente_code)
);

CREATE TABLE publiek.hotspot (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    run_id BIGINT NOT NULL,
    nummer INTEGER NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    categorie TEXT COLLATE "C" NOT NULL,
    van DATE NOT NULL,
    tot DATE NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    stadsdeel_code TEXT COLLATE "C",
    buurten TEXT[] NOT NULL,
    aantal INTEGER NOT NULL,
    plekken INTEGER NOT NULL,
    plekken_soort TEXT NOT NULL,
    kaartje JSONB NOT NULL,
    geom geometry(POLYGON,28992),
    PRIMARY KEY (gemeente_code, run_id, nummer)
);

CREATE INDEX hotspot_geom ON publiek.hotspot USING gist (geom);

CREATE TABLE publiek.indeling (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    jaar SMALLINT NOT NULL,
    niveau TEXT COLLATE "C" NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    buurt_code TEXT COLLATE "C" NOT NULL,
    herkomst TEXT,
    PRIMARY KEY (gemeente_code, jaar, niveau, gebied_code, buurt_code)
);

CREATE INDEX indeling_buurt ON publiek.indeling (gemeente_code, jaar, buurt_code);

CREATE TABLE publiek.kerncijfer (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    jaar SMALLINT NOT NULL,
    gebied_code TEXT COLLATE "C" NOT NULL,
    indicator TEXT COLLATE "C" NOT NULL,
    waarde DOUBLE PRECISION,
    status TEXT NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (gemeente_code, jaar, gebied_code, indicator)
);

CREATE TABLE publiek.trendbreuk (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    datum DATE NOT NULL,
    reden TEXT NOT NULL,
    gebied TEXT COLLATE "C" DEFAULT '' NOT NULL,
    PRIMARY KEY (gemeente_code, bron, datum, gebied)
);

CREATE TABLE publiek.voorziening (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    naam TEXT,
    type TEXT,
    aanbieder TEXT,
    aanbieder_soort TEXT,
    lijn TEXT,
    leefgebied TEXT,
    doelgroep TEXT,
    openingstijden TEXT,
    bereik TEXT,
    capaciteit DOUBLE PRECISION,
    geldig_van DATE,
    geldig_tot DATE,
    zonder_verwijzing BOOLEAN,
    buurt_code TEXT COLLATE "C",
    inhoud_hash BIGINT NOT NULL,
    geom geometry(POINT,28992),
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE INDEX voorziening_geom ON publiek.voorziening USING gist (geom);

CREATE TABLE publiek.vrijgave (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    periode TEXT COLLATE "C" NOT NULL,
    soort TEXT NOT NULL,
    van DATE NOT NULL,
    tot DATE NOT NULL,
    versie BIGINT NOT NULL,
    vrijgegeven_op TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (gemeente_code, bron, periode)
);

CREATE TABLE publiek.wijkteam (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    van DATE NOT NULL,
    tot DATE,
    buurtcodes TEXT[] NOT NULL,
    PRIMARY KEY (gemeente_code, code, van)
);

CREATE TABLE publiek.wijkwijzer (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    naam TEXT NOT NULL,
    adres TEXT,
    openingstijden TEXT,
    partners TEXT,
    geldig_van DATE,
    geldig_tot DATE,
    buurt_code TEXT COLLATE "C",
    inhoud_hash BIGINT NOT NULL,
    geom geometry(POINT,28992),
    PRIMARY KEY (gemeente_code, bron, sleutel)
);

CREATE INDEX wijkwijzer_geom ON publiek.wijkwijzer USING gist (geom);
