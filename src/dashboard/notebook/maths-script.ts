// Owns: the script of its own that draws maths: KaTeX, which writes MathML and needs neither fonts nor styles.
import katex from "katex";

window.nbevolveMaths = (tex, isBlock) =>
  katex.renderToString(tex, {
    displayMode: isBlock,
    output: "mathml",
    throwOnError: false,
    trust: false,
    strict: "ignore",
    maxSize: 20,
    maxExpand: 500,
  });
