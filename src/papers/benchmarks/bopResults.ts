/**
 * @file Rows of results of kind "bop", and the figures of the BOP challenges that are made of them.
 */
import { assertInput } from "../../check";
import { type JsonObject, jsonList, jsonNatural, jsonNumber, jsonNumbers, jsonObject } from "../../formats/jsonField";
import {
  type BopError,
  bopAverageRecalls,
  bopMeanPrecision,
  mostDetections,
  type ObjectErrors,
  type ObjectRecalls,
  vsdRecall,
} from "../../metrics/bopScores";
import type { Report } from "./report";
import { placeOf, type ReportedResults, type ResultRow } from "./resultFile";

/** The kind of these results. */
export const bopKind = "bop";

/** JSON has no infinity: a missing distance is an infinite one. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** An object's errors in an image as a row. */
export const bopRow = ({ estimates, ...group }: ObjectErrors): JsonObject => ({
  ...group,
  estimates: estimates.map(({ score, errors }) => ({
    score,
    errors: errors.map(({ mssd, mspd, ...more }) => ({ mssd: finite(mssd), mspd: finite(mspd), ...more })),
  })),
});

function errorOf(where: string, value: unknown): BopError {
  const json = jsonObject(where, value);
  const distance = (key: "mssd" | "mspd"): number =>
    json[key] === null ? Number.POSITIVE_INFINITY : jsonNumber(`${where}, ${key}`, json[key]);
  return {
    mssd: distance("mssd"),
    mspd: distance("mspd"),
    ...(json.vsd !== undefined && {
      vsd: jsonNumbers(`${where}, vsd`, json.vsd, 10),
      vsd20mm: jsonNumber(`${where}, vsd20mm`, json.vsd20mm),
    }),
  };
}

/** A row as errors. @throws InputError naming `where` (file and image) and entry for what is not as `bopRow` writes it */
export function objectErrorsOf({ image, row }: ResultRow, where: string = image): ObjectErrors {
  const shares = jsonList(`${where}, visibleShares`, row.visibleShares);
  const optional = (key: "detections" | "given"): number | undefined =>
    row[key] === undefined ? undefined : jsonNatural(`${where}, ${key}`, row[key]);
  return {
    objectId: jsonNatural(`${where}, objectId`, row.objectId),
    asked: jsonNatural(`${where}, asked`, row.asked),
    visibleShares: jsonNumbers(`${where}, visibleShares`, shares, shares.length),
    detections: optional("detections"),
    given: optional("given"),
    estimates: jsonList(`${where}, estimates`, row.estimates).map((value) => {
      const json = jsonObject(`${where}, estimates`, value);
      const errors = jsonList(`${where}, errors`, json.errors);
      assertInput(
        errors.length === shares.length,
        `${where}: ${errors.length} errors against ${shares.length} objects; evaluate that shard again`,
      );
      return { score: jsonNumber(`${where}, score`, json.score), errors: errors.map((error) => errorOf(where, error)) };
    }),
  };
}

const percent = (value: number): number => 100 * value;

/** The figures of BOP'19 and BOP'24, and the VSD recall of Paper C where depth images were there. */
export function bopReport({ rows, settings, fileOf }: ReportedResults): Report {
  const groups = rows.map((row) => objectErrorsOf(row, placeOf(row, fileOf)));
  const { vsd, mssd, mspd } = bopAverageRecalls(groups);
  const detection = bopMeanPrecision(groups);
  const published = bopMeanPrecision(groups, { absent: "published" });
  const fixed = vsd && vsdRecall(groups);
  const columns: [string, ObjectRecalls | undefined][] = [["AR_VSD", vsd], ["AR_MSSD", mssd], ["AR_MSPD", mspd], ["VSD ≤ 0.3", fixed]]; // biome-ignore format: pairs
  const of = (recalls: ObjectRecalls | undefined, id?: number): number =>
    percent((id === undefined ? recalls?.all : recalls?.byObject.get(id))?.recall ?? Number.NaN);
  const row = (name: string, id?: number) => ({
    name,
    values: [
      (of(vsd, id) + of(mssd, id) + of(mspd, id)) / 3,
      ...columns.map(([, recalls]) => of(recalls, id)),
      (id === undefined ? mssd.all : mssd.byObject.get(id))?.targets ?? 0,
    ],
  });
  const map = (name: string, { mssd, mspd }: { mssd: number; mspd: number }) => ({
    name,
    values: [(mssd + mspd) / 2, mssd, mspd].map(percent),
  });
  const given = groups.map(({ given, estimates }) => given ?? estimates.length);
  const estimates = given.reduce((sum, n) => sum + n, 0);
  const undetected = groups.reduce((sum, { detections }, i) => sum + given[i] - (detections ?? given[i]), 0);
  const silent = groups.filter(({ asked, estimates }) => asked > 0 && estimates.length === 0).length;
  return {
    protocol: "bop",
    notes: [
      `${estimates} estimates in ${new Set(rows.map(({ at }) => at)).size} images; ${silent} objects that the targets ask for have none and count as missed`,
      ...(undetected > 0
        ? [
            `${undetected} estimates are not among the ${mostDetections} surest of their image: mAP leaves them out, as BOP'24 does; AR looks at all`,
          ]
        : []),
      ...(vsd
        ? [
            "«VSD ≤ 0.3»: δ = 15 mm, τ = 20 mm, instances of which at least a tenth is seen (Paper C's figure on T-LESS)",
          ]
        : [String(settings.withoutVsd ?? "VSD was not computed, and AR is the mean of three: left away")]),
      ...(settings.decimated === false
        ? ["models_eval is not there, so errors are those of the full models in models/"]
        : []),
      ...(Number(settings.strangers ?? 0) > 0
        ? [
            `${settings.strangers} estimates lie in images that ${settings.targets} does not ask for; they are not looked at`,
          ]
        : []),
      "«as published»: BOP'24's own evaluation does not see estimates of objects that are not in the image; the other row counts them as false alarms",
    ],
    tables: [
      {
        title: "localization (BOP'19), %",
        columns: ["AR", ...columns.map(([name]) => name), "targets"],
        counts: ["targets"],
        rows: [row("all targets"), ...[...mssd.byObject.keys()].map((id) => row(`object ${id}`, id))],
      },
      {
        title: "detection (BOP'24), %",
        columns: ["mAP", "MSSD", "MSPD"],
        rows: [map("mAP", detection), map("mAP as published", published)],
      },
    ],
  };
}
