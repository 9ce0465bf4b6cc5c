/**
 * @file `posediff evaluate templates`: template matching on a folder in BOP format, by paper C's protocol.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput } from "../check";
import { openBop } from "../datasets/bop";
import { readBopTargets } from "../datasets/bopTargets";
import { viewSets } from "../geometry/viewpoint";
import { type ResultRow, writeResults } from "../papers/benchmarks/resultFile";
import { templateRow, templatesKind, templatesReport } from "../papers/benchmarks/templateResults";
import { loadAggregation } from "../papers/templates/aggregationModel";
import { openBackbone } from "../papers/templates/backbones";
import { type Descriptor, frozenDescriptor } from "../papers/templates/descriptor";
import { imageHalves, type TemplateQuery, templateCrops, templateQueries } from "../papers/templates/evaluateTemplates";
import { paperSplits } from "../papers/templates/paperSplits";
import { templateMatcher } from "../papers/templates/templateMatcher";
import { foundPoses, matchTranslations, templateVsdErrors } from "../papers/templates/templatePoses";
import { type ObjectTemplates, objectTemplates, templatePrecisions } from "../papers/templates/templateStore";
import { evaluateGroup } from "./evaluateGroup";
import { oneOf } from "./named";
import { partShard } from "./partShard";
import { printReport } from "./printReport";
import { wholeNumber } from "./wholeNumber";

/** Options of `posediff evaluate templates`, as text. */
export interface TemplatesOptions {
  root: string;
  split: string;
  models: string;
  targets?: string;
  backbone?: string;
  size?: string;
  step: string;
  layers?: string[];
  grid?: string;
  aggregation?: string;
  frozenShare: string;
  views: string;
  side: string;
  distance: string;
  threshold?: string;
  leastVisible: string;
  images?: string;
  half?: string;
  objects?: string[];
  inPlane: string;
  vsd?: boolean;
  translation: string;
  precision: string;
  top: string;
  store?: string;
  paperSplit?: string;
  shard: string;
  out?: string;
  json?: boolean;
}

/** What holds where nothing else is said. */
export const templatesDefaults = {
  split: "test",
  models: "models",
  step: "0",
  frozenShare: "0",
  views: "half",
  side: "0.2",
  distance: "0.8",
  leastVisible: "0.1",
  inPlane: "1",
  precision: "bytes",
  translation: "projective",
  top: "5",
  shard: "0/1",
} as const;

const share = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  assertInput(
    text.trim() !== "" && value >= least && value <= most,
    `evaluate templates: --${name} is "${text}"; give a number from ${least} to ${most}`,
  );
  return value;
};

const splitNames = Object.keys(paperSplits);

/** Of the layers that a network reads, those of EfficientNet's stages 3–5 (the frozen default), by their places. */
const besideLayers = (layers: readonly number[] = []): number[] =>
  layers.flatMap((layer, i) => (layer >= 3 && layer <= 5 ? [i] : []));

/** Run template matching and print the scores; with `--shard`, write the queries of a part. */
export async function evaluateTemplates(options: TemplatesOptions): Promise<void> {
  const where = "evaluate templates";
  const whole = (name: string, text: string): number => wholeNumber(where, name, text, 1);
  const shard = partShard(where, options);
  const precision = oneOf(where, "precision", templatePrecisions, options.precision);
  const inPlaneSteps = whole("in-plane", options.inPlane);
  const settings = {
    views: oneOf(where, "views", viewSets, options.views),
    side: share("side", options.side, 0.001, 100),
    distance: share("distance", options.distance, 0.001, 1000),
    ...(inPlaneSteps > 1 && { inPlaneSteps }),
    ...(precision !== "bytes" && { precision }),
  };
  // Where templates are turned, they find how the object is turned in the image; else the crop is upright.
  const up = inPlaneSteps > 1 ? "image" : "axis";
  const paperSplit = options.paperSplit && oneOf(where, "paper-split", splitNames, options.paperSplit);
  const half = options.half && oneOf(where, "half", imageHalves, options.half);
  const translation = oneOf(where, "translation", matchTranslations, options.translation);
  if (options.threshold !== undefined) share("threshold", options.threshold, -1, 1);
  const leastVisible = share("least-visible", options.leastVisible, 0, 1);
  const top = whole("top", options.top);
  const images = options.images === undefined ? undefined : whole("images", options.images);
  const objectIds = options.objects?.map((id) => whole("objects", id));
  const dataset = openBop(options.root, { split: options.split, models: options.models });
  const unknown = objectIds?.find((id) => !dataset.models.has(id));
  assertInput(
    unknown === undefined,
    `${where}: there is no object ${unknown} in ${options.root}; it has ${[...dataset.models.keys()].join(", ")}`,
  );
  const targets = options.targets === undefined ? undefined : readBopTargets(options.root, options.targets);
  await ready();
  const size = options.size === undefined ? undefined : whole("size", options.size);
  const grid = options.grid === undefined ? undefined : whole("grid", options.grid);
  const frozenShare = share("frozen-share", options.frozenShare, 0, 1);
  assertInput(
    !options.aggregation || !(options.backbone || options.layers),
    `${where}: an aggregation network names its backbone and its layers; leave --backbone and --layers out`,
  );
  const aggregation = options.aggregation === undefined ? undefined : loadAggregation(options.aggregation);
  // In the space of canonical correlations what is unlike has a cosine about 0, not well above it.
  const threshold = Number(options.threshold ?? (aggregation?.card.network === "canonical" ? 0 : 0.2));
  const backbone = await openBackbone(aggregation?.preset.backbone ?? options.backbone ?? "efficientnet-lite0", {
    ...aggregation?.preset.options,
    ...(size !== undefined && { inputSize: size }),
    step: wholeNumber(where, "step", options.step),
    ...(options.layers && { layers: options.layers.map((layer) => whole("layers", layer)) }),
  });
  try {
    const beside = aggregation && frozenShare > 0 ? besideLayers(aggregation.preset.options.layers) : [];
    const descriptor: Descriptor = aggregation
      ? aggregation.over(backbone, { beside, ...(grid !== undefined && { grid }) })
      : frozenDescriptor(backbone, grid ?? 28);
    const learned = aggregation?.maps ?? 0;
    const layerWeights = [
      ...beside.map(() => frozenShare / beside.length),
      ...Array.from({ length: learned }, () => (1 - frozenShare) / learned),
    ];
    const tell = (text: string): void => {
      if (!options.json && process.stderr.isTTY) process.stderr.write(`\r${text} `);
    };
    const began = performance.now();
    const objects: ObjectTemplates[] = [];
    for (const id of dataset.models.keys())
      objects.push(
        await objectTemplates(id, await dataset.texturedMesh(id), descriptor, {
          ...settings,
          ...(options.store !== undefined && { folder: options.store }),
          onProgress: (object, done, of) => tell(`templates of object ${object}: ${done}/${of}`),
        }),
      );
    const matcher = templateMatcher(objects, settings);
    const built = performance.now();
    const queries: TemplateQuery[] = [];
    const missing: string[] = [];
    const asked = {
      onMissing: (imageId: string) => void missing.push(imageId),
      leastVisible,
      top,
      threshold,
      shard,
      ...(images && { images }),
      ...(objectIds && { objectIds }),
      ...(half && { half }),
      ...(beside.length > 0 && { layerWeights }),
    };
    const crops = templateCrops(
      dataset,
      descriptor.inputSize,
      { side: settings.side, up },
      { ...asked, ...(targets && { targets }) },
    );
    for await (const query of templateQueries(crops, descriptor, matcher, asked)) {
      queries.push(query);
      tell(`${queries.length} queries`);
    }
    assertInput(
      queries.length > 0 || shard.count > 1,
      `${where}: no object of ${options.split} is seen to ${leastVisible} or more; check --objects, --targets and --least-visible`,
    );
    const poseOptions = { ...settings, up, translation, inputSize: descriptor.inputSize } as const;
    const errors = options.vsd ? await templateVsdErrors(dataset, foundPoses(dataset, queries, poseOptions)) : [];
    const rows = queries.map(
      (query, i): ResultRow => ({ at: query.at, image: query.image, row: templateRow({ ...query, vsd: errors[i] }) }),
    );
    const header = {
      ...settings,
      descriptor: descriptor.name,
      split: options.split,
      models: options.models,
      leastVisible,
      threshold,
      top,
      layerWeights,
      ...(options.targets && { targets: options.targets }),
      ...(images && { images }),
      ...(half && { half }),
      ...(objectIds && { objectIds }),
      ...(options.vsd && { translation }),
      ...(paperSplit && { paperSplit }),
    };
    if (options.out !== undefined) {
      const writer = writeResults(options.out, { kind: templatesKind, settings: header, shard });
      for (const row of rows) writer.write(row);
      for (const image of missing) writer.miss(image);
      writer.end();
    }
    if (shard.count > 1) {
      console.log(`${rows.length} queries of shard ${options.shard} are in ${options.out}`);
      return;
    }
    const report = templatesReport({ rows, settings: header });
    const seconds = { templates: (built - began) / 1000, queries: (performance.now() - built) / 1000 };
    report.notes.push(
      `${descriptor.name}: ${matcher.count} templates, ${(matcher.bytes / 1e6).toFixed(0)} MB; ${seconds.templates.toFixed(0)} s to have them, ${(seconds.queries / queries.length).toFixed(2)} s a query`,
    );
    printReport(report, { json: options.json, missing });
  } finally {
    backbone.dispose();
    aggregation?.dispose();
  }
}

export const command = (program: Command): void => {
  evaluateGroup(program)
    .command("templates")
    .description(
      "Acc15 with class of template matching (paper C) on a folder in BOP format: frozen features of a backbone",
    )
    .requiredOption("--root <folder>", "data set in BOP format: models/, test/, …")
    .option("--split <name>", "folder of scenes", templatesDefaults.split)
    .option("--models <name>", "folder of models", templatesDefaults.models)
    .option(
      "--targets <file>",
      "only these, e.g. test_targets_bop19.json; default: every object of every image on disk",
    )
    .option(
      "--backbone <name>",
      "efficientnet-lite0 (default), diffusion, template-pose:FILE, onnx:FILE, vit:FOLDER or sd:FOLDER",
    )
    .option("--aggregation <file>", "a network of posediff train --network aggregation, over the backbone it names")
    .option(
      "--frozen-share <share>",
      "with --aggregation: share of the frozen stages 3–5 in the similarity",
      templatesDefaults.frozenShare,
    )
    .option("--size <pixels>", "side of the crops; default: the backbone's")
    .option("--step <t>", "diffusion step of diffusion and sd", templatesDefaults.step)
    .option("--layers <n...>", "layers of the backbone, from 1; default: EfficientNet's stages 3 4 5, else all")
    .option("--grid <n>", "side of the feature maps that are compared (default: 28, or the aggregation network's)")
    .option("--views <set>", `templates: ${viewSets.join(", ")}`, templatesDefaults.views)
    .option("--side <metres>", "what a crop shows", templatesDefaults.side)
    .option("--distance <metres>", "of the templates' camera (paper C 0.4)", templatesDefaults.distance)
    .option("--threshold <cosine>", "cosines up to this count as 0 (default: 0.2; with a canonical network 0)")
    .option("--least-visible <share>", "objects that are seen less are left out", templatesDefaults.leastVisible)
    .option("--images <n>", "at most so many images, spread evenly")
    .option("--half <which>", "the images at even or odd places only: choose settings on one half, report the other")
    .option(
      "--in-plane <n>",
      "templates turned n times, crops as they stand in the image (paper C on T-LESS: 36)",
      templatesDefaults.inPlane,
    )
    .option("--vsd", "also: poses and their VSD recall (depth is rendered from the true poses where there is none)")
    .option(
      "--precision <name>",
      "of the templates: bytes, or half or float, to measure what bytes cost (slow)",
      templatesDefaults.precision,
    )
    .option(
      "--translation <how>",
      "with --vsd: projective (by the box of the true silhouette) or true",
      templatesDefaults.translation,
    )
    .option("--objects <id...>", "queries of these objects only; templates are always of all")
    .option("--paper-split <name>", `also: means over paper C's seen and unseen objects: ${splitNames.join(", ")}`)
    .option("--top <k>", "also: is one of the best k right", templatesDefaults.top)
    .option("--store <folder>", "keep the templates there: built once, resumed after an interruption")
    .option("--shard <i/n>", "every n-th image from the i-th on; needs --out", templatesDefaults.shard)
    .option("--out <file>", "also write the queries and what was found, for evaluate merge")
    .option("--json", "print one JSON object")
    .action(evaluateTemplates);
};
