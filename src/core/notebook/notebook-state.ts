// Owns: a notebook together with the recipe of the kernel behind it, and how edits move both.
import type { Edit, KernelState, Notebook } from "../../contracts/index.ts";
import { applyEdit, findCell } from "./notebook.ts";

export interface NotebookState {
  readonly notebook: Notebook;
  readonly kernel: KernelState;
}

/** The situation after the edits: a cell that ran joins the recipe, one that was dropped leaves it. */
export function advance(situation: NotebookState, edits: readonly Edit[]): NotebookState {
  return edits.reduce(step, situation);
}

function step({ notebook, kernel }: NotebookState, edit: Edit): NotebookState {
  return { notebook: applyEdit(notebook, edit), kernel: { recipe: recipeAfter(notebook, kernel, edit) } };
}

function recipeAfter(notebook: Notebook, { recipe }: KernelState, edit: Edit): KernelState["recipe"] {
  switch (edit.type) {
    case "cell-ran":
      return [
        ...recipe,
        { cell: edit.id, source: findCell(notebook, edit.id)?.source ?? "", status: edit.status },
      ];
    case "cell-dropped":
      return recipe.filter((done) => done.cell !== edit.id);
    case "cell-added":
    case "cell-rewritten":
    case "cell-marked":
      return recipe;
  }
}
