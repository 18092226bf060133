-- What was done is written down by a function that only adds; each line holds the hash of the line before it.

CREATE TABLE intern.logboek (
    dag DATE NOT NULL,
    nummer INTEGER NOT NULL,
    moment TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    rol TEXT COLLATE "C" NOT NULL,
    handeling TEXT COLLATE "C" NOT NULL,
    object TEXT NOT NULL,
    uitkomst TEXT NOT NULL,
    herkomst TEXT NOT NULL,
    kenmerk TEXT COLLATE "C" NOT NULL,
    vorige BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (dag, nummer)
);

CREATE TABLE intern.logboek_zegel (
    dag DATE NOT NULL,
    nummer INTEGER NOT NULL,
    hash BYTEA NOT NULL,
    handtekening BYTEA NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    gezet_op TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    PRIMARY KEY (dag, nummer)
);

-- What stays of a day that was removed because its term had passed.
CREATE TABLE intern.logboek_verwijderd (
    dag DATE NOT NULL,
    aantal INTEGER NOT NULL,
    vorige BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    handtekening BYTEA NOT NULL,
    sleutel TEXT COLLATE "C" NOT NULL,
    verwijderd_op TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    PRIMARY KEY (dag)
);

CREATE TABLE intern.noodtoegang (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    gemeente_code TEXT COLLATE "C" NOT NULL,
    stadsdeel_code TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    rol TEXT COLLATE "C" NOT NULL,
    reden TEXT NOT NULL CHECK (length(reden) BETWEEN 10 AND 500),
    van TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    tot TIMESTAMP WITH TIME ZONE NOT NULL,
    beeindigd_op TIMESTAMP WITH TIME ZONE,
    beeindigd_door TEXT COLLATE "C",
    PRIMARY KEY (id),
    CHECK (tot > van AND tot <= van + interval '24 hours')
);

CREATE INDEX noodtoegang_tot ON intern.noodtoegang (tot);

-- Up to which day the reports of a source were removed; older ones never come back, and their counts stay.
CREATE TABLE intern.opgeruimd (
    gemeente_code TEXT COLLATE "C" NOT NULL,
    bron TEXT COLLATE "C" NOT NULL,
    tot DATE NOT NULL,
    opgeruimd_op TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (gemeente_code, bron)
);

-- One lock for all days: the first line of a day stands on the last line of the day before.
CREATE FUNCTION intern.logboek_slot() RETURNS void LANGUAGE sql SET search_path = '' AS
    $$ SELECT pg_catalog.pg_advisory_xact_lock(7162005) $$;

-- Adds lines (a JSON list of objects) and tells the last one. A clock that went back starts no day of the past.
CREATE FUNCTION intern.noteer(regels jsonb, OUT dag date, OUT nummer integer, OUT hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    regel jsonb;
    nu timestamptz;
    toen timestamptz;
    vorige bytea;
BEGIN
    PERFORM intern.logboek_slot();
    nu := pg_catalog.clock_timestamp();
    SELECT l.dag, l.nummer, l.hash INTO dag, nummer, hash
    FROM intern.logboek l ORDER BY l.dag DESC, l.nummer DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT v.dag, 0, v.hash INTO dag, nummer, hash FROM intern.logboek_verwijderd v ORDER BY v.dag DESC LIMIT 1;
    END IF;
    hash := coalesce(hash, ''::bytea);
    IF dag IS NULL OR dag < (nu AT TIME ZONE 'Europe/Amsterdam')::date THEN
        dag := (nu AT TIME ZONE 'Europe/Amsterdam')::date;
        nummer := 0;
    END IF;
    FOR regel IN SELECT r FROM pg_catalog.jsonb_array_elements(regels) WITH ORDINALITY t (r, n) ORDER BY n LOOP
        nummer := nummer + 1;
        vorige := hash;
        toen := greatest(nu - interval '1 day', least(nu, coalesce((regel ->> 'moment')::timestamptz, nu)));
        hash := pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(
            dag::text, nummer, pg_catalog.to_char(toen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            regel ->> 'actor', regel ->> 'rol', regel ->> 'handeling', regel ->> 'object', regel ->> 'uitkomst',
            regel ->> 'herkomst', regel ->> 'kenmerk', pg_catalog.encode(vorige, 'hex'))::text, 'UTF8'));
        INSERT INTO intern.logboek
        VALUES (dag, nummer, toen, regel ->> 'actor', regel ->> 'rol', regel ->> 'handeling', regel ->> 'object',
            regel ->> 'uitkomst', regel ->> 'herkomst', regel ->> 'kenmerk', vorige, hash);
    END LOOP;
END
$$;

CREATE FUNCTION intern.verzegel(op_dag date, op_nummer integer, met_hash bytea, getekend bytea, met text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO intern.logboek_zegel (dag, nummer, hash, handtekening, sleutel)
    SELECT l.dag, l.nummer, l.hash, getekend, met FROM intern.logboek l
    WHERE l.dag = op_dag AND l.nummer = op_nummer AND l.hash = met_hash
    ON CONFLICT DO NOTHING
$$;

-- Removes the oldest day and leaves its signed remains. For retention only: nobody but the owner may call it.
CREATE FUNCTION intern.logboek_opruimen(weg date, tot_hash bytea, getekend bytea, met text) RETURNS integer
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    telling integer;
    eerste bytea;
    laatste bytea;
BEGIN
    PERFORM intern.logboek_slot();
    IF weg IS DISTINCT FROM (SELECT min(l.dag) FROM intern.logboek l)
        OR weg >= (SELECT max(l.dag) FROM intern.logboek l) THEN
        RAISE EXCEPTION 'only the oldest day can be removed, and never the last one';
    END IF;
    SELECT count(*), (pg_catalog.array_agg(l.vorige ORDER BY l.nummer))[1],
        (pg_catalog.array_agg(l.hash ORDER BY l.nummer DESC))[1] INTO telling, eerste, laatste
    FROM intern.logboek l WHERE l.dag = weg;
    IF laatste <> tot_hash THEN
        RAISE EXCEPTION 'the day is not what was signed';
    END IF;
    INSERT INTO intern.logboek_verwijderd (dag, aantal, vorige, hash, handtekening, sleutel)
    VALUES (weg, telling, eerste, laatste, getekend, met);
    DELETE FROM intern.logboek_zegel z WHERE z.dag = weg;
    DELETE FROM intern.logboek l WHERE l.dag = weg;
    RETURN telling;
END
$$;

CREATE FUNCTION intern.alleen_toevoegen() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME <> 'logboek_verwijderd'
        AND EXISTS (SELECT FROM intern.logboek_verwijderd v WHERE v.dag = OLD.dag) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the log only grows' USING ERRCODE = 'insufficient_privilege';
END
$$;

DO $$
DECLARE
    tabel text;
BEGIN
    FOREACH tabel IN ARRAY ARRAY['logboek', 'logboek_zegel', 'logboek_verwijderd'] LOOP
        EXECUTE format('CREATE TRIGGER blijft BEFORE UPDATE OR TRUNCATE ON intern.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION intern.alleen_toevoegen()', tabel);
        EXECUTE format('CREATE TRIGGER blijft_staan BEFORE DELETE ON intern.%I '
            'FOR EACH ROW EXECUTE FUNCTION intern.alleen_toevoegen()', tabel);
    END LOOP;
END
$$;

-- For the page of the beheerder: how often what was done, never by whom.
CREATE FUNCTION intern.logboek_overzicht(sinds date)
RETURNS TABLE (dag date, rol text, handeling text, uitkomst text, aantal bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT l.dag, l.rol, l.handeling, l.uitkomst, count(*) FROM intern.logboek l WHERE l.dag >= sinds GROUP BY 1, 2, 3, 4
$$;

-- How often each emergency access was used.
CREATE FUNCTION intern.noodtoegang_gebruik(sinds timestamptz) RETURNS TABLE (id bigint, aantal bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT n.id, count(*) FROM intern.noodtoegang n JOIN intern.logboek l ON l.actor = n.actor
        AND l.dag BETWEEN (n.van AT TIME ZONE 'Europe/Amsterdam')::date AND (n.tot AT TIME ZONE 'Europe/Amsterdam')::date + 1
        AND l.moment BETWEEN n.van AND coalesce(n.beeindigd_op, n.tot) AND l.handeling = 'lezen met noodtoegang'
    WHERE n.van >= sinds GROUP BY 1
$$;

-- Rows by the scope of the viewer, which the service sets in each transaction. Each of these runs once per question.

CREATE FUNCTION intern.eigen_gemeente() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS
    $$ SELECT nullif(pg_catalog.current_setting('buurtsignaal.gemeente', true), '') $$;

CREATE FUNCTION intern.hele_gemeente() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS
    $$ SELECT coalesce(pg_catalog.current_setting('buurtsignaal.stadsdelen', true) = 'alle', false) $$;

CREATE FUNCTION intern.eigen_stadsdelen() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS
    $$ SELECT pg_catalog.string_to_array(pg_catalog.current_setting('buurtsignaal.stadsdelen', true), ',') $$;

-- A buurt that moved belongs to its present stadsdeel, with all its years. The plan is kept: making it takes five times
-- as long as carrying it out.
CREATE FUNCTION intern.eigen_buurten() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = '' SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    gemeente text := intern.eigen_gemeente();
    delen text[] := intern.eigen_stadsdelen();
BEGIN
    RETURN (SELECT pg_catalog.array_agg(nu.buurt_code) FROM (
        SELECT DISTINCT ON (i.buurt_code) i.buurt_code, i.gebied_code FROM publiek.indeling i
        WHERE i.gemeente_code = gemeente AND i.niveau = 'stadsdeel' ORDER BY i.buurt_code, i.jaar DESC) nu
        WHERE nu.gebied_code = ANY (delen));
END
$$;

-- Those buurten, the stadsdelen themselves, and every wijk and wijkteamgebied that lies wholly inside them.
CREATE FUNCTION intern.eigen_gebieden() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = '' SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    gemeente text := intern.eigen_gemeente();
    buurten text[] := intern.eigen_buurten();
BEGIN
    RETURN buurten || intern.eigen_stadsdelen() || (SELECT pg_catalog.array_agg(heel.gebied_code) FROM (
        SELECT i.gebied_code FROM publiek.indeling i
        WHERE i.gemeente_code = gemeente AND i.niveau IN ('wijk', 'wijkteamgebied')
        GROUP BY 1 HAVING pg_catalog.bool_and(i.buurt_code = ANY (buurten))) heel);
END
$$;

-- Closed to everyone but the owner, who is bound by forced row security too unless a superuser.
CREATE FUNCTION intern.beveilig(tabel regclass) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tabel);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tabel);
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_policy WHERE polrelid = tabel AND polname = 'eigenaar') THEN
        EXECUTE format('CREATE POLICY eigenaar ON %s TO %I USING (true) WITH CHECK (true)', tabel,
            (SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = tabel));
    END IF;
END
$$;

-- As an owner's view it passes the policies by: it tells staff of their own gemeente, and what everyone may know.
CREATE OR REPLACE VIEW intern.berekening AS
SELECT r.gemeente_code, r.bron, r.periode, r.methode, r.resultaat ->> 'reden' AS reden,
    (SELECT coalesce(jsonb_object_agg(klasse.key, klasse.value ->> 'reden'), '{}')
     FROM jsonb_each(r.resultaat) AS klasse
     WHERE jsonb_typeof(klasse.value) = 'object' AND klasse.value ? 'reden') AS reden_per_klasse
FROM intern.hotspot_run r
WHERE r.vervangen_op IS NULL AND (current_user <> 'bs_dienst'
    OR r.gemeente_code = current_setting('buurtsignaal.gemeente', true)
    OR EXISTS (SELECT FROM publiek.vrijgave v
        WHERE (v.gemeente_code, v.bron, v.periode) = (r.gemeente_code, r.bron, r.periode)));

DO $$
DECLARE
    naam regprocedure;
BEGIN
    FOR naam IN SELECT oid FROM pg_proc WHERE pronamespace = 'intern'::regnamespace LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', naam);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION intern.eigen_gemeente(), intern.hele_gemeente(), intern.eigen_stadsdelen(),
    intern.eigen_buurten(), intern.eigen_gebieden() TO bs_dienst;
GRANT EXECUTE ON FUNCTION intern.noteer(jsonb), intern.verzegel(date, integer, bytea, bytea, text),
    intern.logboek_overzicht(date), intern.noodtoegang_gebruik(timestamptz) TO bs_toegang;
GRANT SELECT, INSERT (gemeente_code, stadsdeel_code, actor, rol, reden, tot), UPDATE (beeindigd_op, beeindigd_door)
    ON intern.noodtoegang TO bs_toegang;
CREATE POLICY toegang ON intern.noodtoegang TO bs_toegang USING (true) WITH CHECK (true);

DROP POLICY eigen_stadsdelen ON intern.melding;
CREATE POLICY eigen_stadsdelen ON intern.melding FOR SELECT TO bs_dienst USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR buurt_code IN (SELECT unnest(intern.eigen_buurten())))
);
CREATE POLICY eigen_gemeente ON intern.hotspot_run FOR SELECT TO bs_dienst USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR cardinality((SELECT intern.eigen_stadsdelen())) > 0)
);
CREATE POLICY eigen_stadsdelen ON intern.hotspot FOR SELECT TO bs_dienst USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR CASE WHEN stadsdeel_code IS NOT NULL
        THEN stadsdeel_code = ANY ((SELECT intern.eigen_stadsdelen())::text[])
        ELSE cardinality(buurten) > 0 AND buurten <@ (SELECT intern.eigen_buurten()) END)
);

-- What lies in no buurt, and counts of the gemeente as a whole, are for who sees all of it.
CREATE POLICY eigen_gebieden ON intern.kubus FOR SELECT TO bs_dienst USING (
    gemeente_code = (SELECT intern.eigen_gemeente())
    AND ((SELECT intern.hele_gemeente()) OR gebied_code IN (SELECT unnest(intern.eigen_gebieden())))
);

SELECT intern.beveilig(c.oid) FROM pg_class c
WHERE c.relnamespace = 'intern'::regnamespace AND c.relkind IN ('r', 'p');
