-- Why a source is kept and by what right, for the papers of the municipality. What is not known stays empty.
ALTER TABLE publiek.bron
    ADD COLUMN doel text,
    ADD COLUMN artikel text,
    ADD COLUMN betrokkenen text[],
    ADD COLUMN gegevens text[],
    ADD COLUMN ontvangers text[];
