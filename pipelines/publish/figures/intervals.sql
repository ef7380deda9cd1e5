-- Wilson's 95 % interval of a share of k among n: its lower (side -1) or upper (side 1) end; null when n is nought. Source: Wilson (1927).
CREATE OR REPLACE TEMP MACRO wilson(k, n, side) AS
    CASE WHEN n > 0 THEN round((k + 1.9208 + side * 1.96 * sqrt(k * (n - k) / n::DOUBLE + 0.9604)) / (n + 3.8416), 4) END
;

-- Whether a night is one of those reported on: after the night compared with, through T; T alone when there is none.
CREATE OR REPLACE TEMP MACRO in_report(night) AS (night > coalesce(getvariable('since'), getvariable('night') - 1) AND night <= getvariable('night'))
