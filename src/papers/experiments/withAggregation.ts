import { loadAggregation } from "../templates/aggregationModel";
import type { Descriptor } from "../templates/descriptor";
import { trainAggregationModel } from "../templates/trainAggregation";
import { disposing } from "./disposing";

/** Train an aggregation network to its end, and use its descriptor over the backbone it learned on. */
export async function withAggregation<R>(
  training: Parameters<typeof trainAggregationModel>[0],
  use: (descriptor: Descriptor, minutes: number) => Promise<R>,
): Promise<R> {
  const { path, minutes } = await trainAggregationModel(training);
  return disposing(loadAggregation(path), (model) => use(model.over(training.backbone), minutes));
}
