/**
 * @file Rows of results of kind "templates", a query each, and the figures of paper C that are made of them.
 */
import { assertInput } from "../../check";
import { type JsonObject, jsonList, jsonNatural, jsonNumber, jsonNumbers, jsonObject } from "../../formats/jsonField";
import type { Vector3 } from "../../geometry/vector";
import type { ViewScore } from "../../metrics/acc15";
import { type ScoredQuery, scoreTemplates } from "../templates/evaluateTemplates";
import { paperSplits, splitMeans } from "../templates/paperSplits";
import { type TemplateVsdError, vsdRecallOf } from "../templates/templatePoses";
import type { Report, ReportTable } from "./report";
import { placeOf, type ReportedResults, type ResultRow } from "./resultFile";

/** The kind of these results. */
export const templatesKind = "templates";

/** A query that was matched, and how far its pose is off, where that was asked. */
export interface MatchedQuery extends ScoredQuery {
  vsd?: Omit<TemplateVsdError, "objectId" | "image">;
}

/** A query as a row. */
export const templateRow = ({
  objectId,
  visibleShare,
  direction,
  symmetric,
  matches,
  vsd,
}: MatchedQuery): JsonObject => ({
  objectId,
  ...(visibleShare !== undefined && { visibleShare }),
  direction,
  symmetric,
  matches: matches.map((match) => ({ objectId: match.objectId, direction: match.direction })),
  ...(vsd && { vsd: { error: vsd.error, rendered: vsd.rendered, translationErrorCm: vsd.translationErrorCm } }),
});

/** A row as a query. @throws InputError naming `where` (file and image) and entry for what is not as `templateRow` writes it */
export function matchedQueryOf({ image, row }: ResultRow, where: string = image): MatchedQuery {
  const directionOf = (name: string, value: unknown): Vector3 =>
    jsonNumbers(`${where}, ${name}`, value, 3) as unknown as Vector3;
  const matches = jsonList(`${where}, matches`, row.matches).map((value, i) => {
    const match = jsonObject(`${where}, match ${i}`, value);
    return {
      objectId: jsonNatural(`${where}, match ${i}, objectId`, match.objectId),
      direction: directionOf(`match ${i}, direction`, match.direction),
    };
  });
  assertInput(matches.length > 0, `${where}: a query has no match; evaluate that shard again`);
  const vsd = row.vsd === undefined ? undefined : jsonObject(`${where}, vsd`, row.vsd);
  return {
    objectId: jsonNatural(`${where}, objectId`, row.objectId),
    ...(row.visibleShare !== undefined && { visibleShare: jsonNumber(`${where}, visibleShare`, row.visibleShare) }),
    direction: directionOf("direction", row.direction),
    symmetric: row.symmetric === true,
    matches,
    ...(vsd && {
      vsd: {
        error: jsonNumber(`${where}, vsd, error`, vsd.error),
        rendered: vsd.rendered === true,
        ...(vsd.translationErrorCm !== undefined && {
          translationErrorCm: jsonNumber(`${where}, vsd, translationErrorCm`, vsd.translationErrorCm),
        }),
      },
    }),
  };
}

const percent = (share: number | undefined): number => 100 * (share ?? Number.NaN);

const isSplit = (name: unknown): name is keyof typeof paperSplits => Object.keys(paperSplits).some((of) => of === name);

/**
 * Acc15 and, where it was asked for, VSD recall; also paper C's means over seen and unseen objects, if the settings name a
 * split of it.
 *
 * @throws InputError for no rows, or damaged ones
 */
export function templatesReport({ rows, settings, fileOf }: ReportedResults): Report {
  assertInput(rows.length > 0, "templatesReport: there are no queries; give results that hold some");
  const queries = rows.map((row) => matchedQueryOf(row, placeOf(row, fileOf)));
  const scores = scoreTemplates(queries);
  const errors = queries.flatMap(({ objectId, vsd }, i) => (vsd ? [{ objectId, image: rows[i].image, ...vsd }] : []));
  const vsd = errors.length > 0 ? vsdRecallOf(errors) : undefined;
  const scoreRow = (name: string, { viewAndClass, view, class: right, meanErrorDeg, count }: ViewScore) => ({
    name,
    values: [...[viewAndClass, view, right].map(percent), meanErrorDeg, count],
  });
  const objects = Object.entries(scores.byObject);
  const means: ReportTable = {
    title: "means over the objects, %",
    columns: ["Acc15 with class", "as published", `among best ${scores.top}`, "VSD recall"],
    rows: [
      {
        name: "all objects",
        values: [...[scores.objectMean, scores.objectMeanPublished, scores.topRight, vsd?.objectMean].map(percent)],
      },
    ],
  };
  const { paperSplit } = settings;
  if (isSplit(paperSplit)) {
    const split = paperSplits[paperSplit];
    const acc15 = splitMeans(split, Object.fromEntries(objects.map(([id, { viewAndClass }]) => [id, viewAndClass])));
    const recall: ReturnType<typeof splitMeans> = vsd ? splitMeans(split, vsd.byObject) : {};
    for (const side of ["seen", "unseen"] as const)
      means.rows.push({
        name: `${paperSplit}, ${side}`,
        values: [percent(acc15[side]), Number.NaN, Number.NaN, percent(recall[side])],
      });
  }
  return {
    protocol: templatesKind,
    notes: [
      "«as published»: the code of paper C compares the turned view of a symmetric object with itself and counts its view as right; «among best» is a share of all queries",
      ...(vsd
        ? [
            `VSD: δ = 15 mm, τ = 20 mm, right below 0.3; ${vsd.renderedImages === 0 ? "the sensor's depth" : `depth rendered from the true poses in ${vsd.renderedImages} of ${vsd.images} images`}; median error of translation ${vsd.medianTranslationErrorCm.toFixed(1)} cm`,
          ]
        : []),
    ],
    tables: [
      {
        title: "queries, %",
        columns: ["Acc15 with class", "view", "class", "error °", "queries"],
        counts: ["queries"],
        rows: [
          ...objects.map(([id, score]) => scoreRow(`object ${id}`, score)),
          ...scores.byVisibility.map((band) => scoreRow(`visible ${band.from}–${band.to}`, band)),
          scoreRow("all queries", scores.all),
        ],
      },
      means,
      ...(vsd
        ? [
            {
              title: "VSD recall, %",
              columns: ["recall"],
              rows: [
                ...Object.entries(vsd.byObject).map(([id, share]) => ({
                  name: `object ${id}`,
                  values: [percent(share)],
                })),
                { name: "all queries", values: [percent(vsd.recall)] },
              ],
            },
          ]
        : []),
    ],
  };
}
