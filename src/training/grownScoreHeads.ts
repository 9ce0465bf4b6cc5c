/**
 * @file A trained score network's heads in the layout of wider or deeper ones.
 */
import { assertInput } from "../check";
import { createParameters, parameterView } from "../models/params";
import { lastLayer, type ScoreNetworkConfig, scoreNetworkParameters } from "../models/scoreNetwork";
import { Rng } from "../random";
import type { LoadedModel, NamedValues } from "./checkpoint";

/** Where a row or column of the model lies in the network. */
type Place = (index: number) => number;

const same: Place = (index) => index;

/** One below the other, a matrix for each head that leaves what it is given. */
function identities(heads: number, width: number): NamedValues {
  const data = new Float32Array(heads * width * width);
  for (let row = 0; row < heads * width; row++) data[row * width + (row % width)] = 1;
  return { shape: [heads * width, width], data };
}

/**
 * The model with the heads that `config` has, so that the network computes what the model computed (the idea of Net2Net,
 * Chen et al., ICLR 2016): trained hidden units keep their place within their head and read nothing of new ones; new
 * ones begin as fresh ones do and are not yet heard. A layer more begins as the identity, which is what the ReLU before
 * it gave. A model that has these heads already, or no score network, is returned as it is.
 *
 * @throws InputError if the model's heads are deeper, wider or of another network than those of `config`
 */
export function grownScoreHeads(model: LoadedModel, config: ScoreNetworkConfig): LoadedModel {
  const { path, values } = model;
  const { heads, hidden, headLayers = 2 } = config;
  const bias = values.get("fusion_tail.0.bias");
  if (!bias) return model;
  const before = bias.data.length / heads;
  const layers = values.has("fusion_tail.4.weight") ? 3 : 2;
  if (before === hidden && layers === headLayers) return model;
  assertInput(
    Number.isInteger(before) && before <= hidden && layers <= headLayers,
    `grownScoreHeads: ${path} has ${bias.data.length} hidden units in heads of ${layers} layers, the network ${heads} heads of ${headLayers} layers with ${hidden} units each; start from a model that is neither wider nor deeper`,
  );
  const fresh = createParameters(scoreNetworkParameters(config), new Rng(0).split("grown heads"));
  const known = new Map([...values].filter(([name]) => name.startsWith("fusion_tail.")));
  const grown = new Map([...values].filter(([name]) => !known.has(name)));
  const ofModel = (name: string): NamedValues => {
    const array = known.get(name);
    assertInput(array, `grownScoreHeads: ${path} has no ${name}; start from a model of the same kind of network`);
    return array;
  };

  /** @param unheard the columns that read of units have weight 0 where the unit is new */
  function place(name: string, { shape, data }: NamedValues, row: Place, column: Place, unheard?: number): void {
    const slot = fresh.slots.find((own) => own.name === name);
    assertInput(slot, `grownScoreHeads: the network has no ${name}`);
    const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape;
    const width = slot.shape[slot.shape.length - 1];
    const target = parameterView(fresh, name).slice();
    assertInput(
      row === same ? target.length === rows * width : target.length % width === 0,
      `grownScoreHeads: ${path} has ${name} with ${rows} inputs, the network ${target.length / width}; grow the heads of one encoder`,
    );
    if (unheard) for (let i = 0; i < target.length; i++) if (i % width < unheard) target[i] = 0;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) target[row(i) * width + column(j)] = data[i * columns + j];
    grown.set(name, { shape: slot.shape, data: target });
  }

  const unit: Place = (index) => Math.floor(index / before) * hidden + (index % before);
  for (const name of ["point", "timePose", "bias"].map((part) => `fusion_tail.0.${part}`))
    place(name, ofModel(name), same, unit);
  if (headLayers === 3) {
    const middle = layers === 3 ? ofModel("fusion_tail.2.weight") : identities(heads, before);
    const shift =
      layers === 3
        ? ofModel("fusion_tail.2.bias")
        : { shape: [heads * before], data: new Float32Array(heads * before) };
    place("fusion_tail.2.weight", middle, unit, same, before);
    place("fusion_tail.2.bias", shift, same, unit);
  }
  const [from, to] = [lastLayer({ headLayers: layers }), lastLayer(config)];
  const output = ofModel(`${from}.weight`);
  place(`${to}.weight`, output, unit, same, output.shape[1]);
  place(`${to}.bias`, ofModel(`${from}.bias`), same, same);
  return { ...model, values: grown };
}
