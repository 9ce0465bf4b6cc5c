/**
 * @file Loss and gradients of one batch, fetched from the backend in one piece.
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { type ParameterSlot, type Parameters, type Weights, weightsOf } from "../models/params";

/** What a loss function gives. */
export interface Loss {
  /** What is minimised. */
  total: Scalar;
  /** Quantities to watch, by name. */
  parts?: Readonly<Record<string, Scalar>>;
  /** New values of non-trainable slots (running statistics of a norm), by name. */
  updates?: Readonly<Record<string, Tensor>>;
}

/** The loss of a batch; what it allocates is freed afterwards, the batch is only borrowed. */
export type LossFunction<B> = (weights: Weights, batch: B) => Loss;

/** A slot and where its numbers begin in `BatchGradients.numbers`. */
export interface Span {
  slot: ParameterSlot;
  index: number;
  start: number;
}

/** Numbers of one batch, in one array. */
export interface BatchGradients {
  total: number;
  parts: Record<string, number>;
  numbers: Float32Array;
  /** The gradients, in slot order, in `numbers[gradientStart … gradientEnd)`; slots that the loss did not touch are absent. */
  gradients: Span[];
  gradientStart: number;
  gradientEnd: number;
  updates: Span[];
}

/**
 * Run the loss and its gradients by the chosen trainable slots.
 *
 * Everything is concatenated on the backend and downloaded once: a download per slot costs more than a small network's
 * forward pass, and a typed array must never be returned from tf.tidy, which would walk it element by element.
 *
 * @throws InputError if the total is no scalar, if no chosen slot is touched, or if an update names an unknown or
 *   trainable slot or has another size
 */
export function batchGradients<B>(
  parameters: Parameters,
  loss: LossFunction<B>,
  batch: B,
  trainable: (name: string) => boolean = () => true,
): BatchGradients {
  const chosen = parameters.slots
    .map((slot, index) => ({ slot, index }))
    .filter(({ slot }) => slot.trainable && trainable(slot.name));
  assertInput(chosen.length > 0, "fit: no parameter is trainable; let `trainable` accept at least one name");
  const partNames: string[] = [];
  const gradients: Span[] = [];
  const updates: Span[] = [];
  let numbers = new Float32Array();
  let gradientEnd = 0;
  tf.tidy(() => {
    const weights = weightsOf(parameters);
    const watched: Tensor[] = [];
    const updated: [string, Tensor][] = [];
    // tf.grads refuses a loss that leaves some inputs untouched; the engine's own function gives null for those.
    const { value, grads } = tf.engine().gradients<Scalar>(
      () => {
        const { total, parts = {}, updates: changes = {} } = loss(weights, batch);
        assertInput(
          total.size === 1,
          `fit: the loss must be a scalar, got the shape [${total.shape.join(", ")}]; take the mean`,
        );
        // What the loss made is freed with the forward pass; these are needed after it.
        for (const [name, part] of Object.entries(parts)) {
          partNames.push(name);
          watched.push(tf.keep(part.asScalar().clone()));
        }
        for (const [name, change] of Object.entries(changes)) updated.push([name, tf.keep(change.clone())]);
        return total.asScalar();
      },
      chosen.map(({ slot }) => weights[slot.name]),
      undefined,
      true,
    );
    try {
      const pieces: Tensor[] = [value, ...watched];
      let end = pieces.length;
      const take = (piece: Tensor, slot: ParameterSlot, index: number, spans: Span[]): void => {
        spans.push({ slot, index, start: end });
        pieces.push(piece);
        end += slot.size;
      };
      chosen.forEach(({ slot, index }, i) => {
        if (grads[i] != null) take(grads[i], slot, index, gradients);
      });
      gradientEnd = end;
      for (const [name, change] of updated) {
        const index = parameters.slots.findIndex((slot) => slot.name === name);
        const slot = parameters.slots[index];
        assertInput(
          slot && !slot.trainable && slot.size === change.size,
          `fit: the loss updates ${name} with ${change.size} numbers; expected the name of a non-trainable parameter and as many numbers as it has`,
        );
        take(change, slot, index, updates);
      }
      numbers = tf.concat1d(pieces.map((piece) => piece.flatten())).dataSync() as Float32Array<ArrayBuffer>;
    } finally {
      for (const kept of [...watched, ...updated.map(([, change]) => change)]) kept.dispose();
    }
  });
  assertInput(
    gradients.length > 0,
    "fit: the loss depends on no trainable parameter; compute it from the weights that are passed in",
  );
  const parts = Object.fromEntries(partNames.map((name, i) => [name, numbers[1 + i]]));
  return {
    total: numbers[0],
    parts,
    numbers,
    gradients,
    gradientStart: 1 + partNames.length,
    gradientEnd,
    updates,
  };
}
