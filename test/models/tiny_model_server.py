"""Owns: a tiny llama model with random weights, behind llama.cpp's own OpenAI-compatible server.

What it says is nonsense, in a real tokenizer's pieces and under the grammar that the server makes of the tools. It
prints one line of JSON with its address and serves until its standard input ends. Never downloads anything.

    python tiny_model_server.py <folder of .md files to train the tokenizer on> [seed]

Needs: gguf, numpy, tokenizers, xllamacpp.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import xllamacpp
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

END = "<|im_end|>"
CALL = ["<tool_call>", "</tool_call>"]
SPECIAL = ["<|endoftext|>", "<|im_start|>", END, *CALL]
# Tokens that are likelier than chance would have them: without them nonsense never ends, and never calls anything.
LIKELY = {END: 1.5, CALL[0]: 2.0, '"': 2.0}
LINE_BREAK = "\u010a"
VOCABULARY = 512
WIDTH, HEADS, LAYERS, INNER = 64, 4, 2, 128
CONTEXT = 16_384

# Hermes's way of calls, which many real models share.
TEMPLATE = """
{%- if tools %}{{- '<|im_start|>system\\nTools, called as JSON in tool_call tags:\\n' }}
{%- for tool in tools %}{{- (tool | tojson) + '\\n' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endif %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content %}{{- message.content }}{%- endif %}
{%- for call in message.tool_calls or [] %}
{{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


def trained(texts: Path) -> Tokenizer:
    """A byte-level BPE of the texts: every byte is a token, so that nonsense can be broken UTF-8 too."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train(sorted(str(file) for file in texts.rglob("*.md")), trainer)
    return tokenizer


def token_type(token: str) -> gguf.TokenType:
    """A call's tags are text that the server must see; the other special tokens are not."""
    if token in CALL:
        return gguf.TokenType.USER_DEFINED
    return gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL


def write_model(file: Path, tokenizer: Tokenizer, seed: int) -> None:
    """The tokenizer and random weights as a GGUF file; the same bytes for the same texts and seed."""
    random = np.random.default_rng(seed)
    learnt = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(learnt["vocab"], key=learnt["vocab"].__getitem__)
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [token_type(token) for token in tokens]
    )
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in learnt["merges"]]
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(SPECIAL[0]))
    writer.add_eos_token_id(tokens.index(END))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 1 / np.sqrt(shape[-1]), shape).astype(np.float32)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, weights(*shape))

    def add_back(name: str, *shape: int) -> None:
        """Writes to the stream, and leaves its first two coordinates alone."""
        back = weights(*shape)
        back[:2] = 0.0
        writer.add_tensor(name, back)

    def add_norm(name: str) -> None:
        writer.add_tensor(name, np.ones(WIDTH, dtype=np.float32))

    # The stream's first coordinate is the same for every token, so that the output's first column is a bias. The
    # second one marks the tag that opens a call: a line break comes next, which the server's grammar waits for.
    embedding = 4 * weights(len(tokens), WIDTH)
    embedding[:, :2] = [2.0, 0.0]
    embedding[tokens.index(CALL[0]), 1] = 20.0
    output = weights(len(tokens), WIDTH)
    output[:, :2] = 0.0
    for token, bias in LIKELY.items():
        output[tokens.index(token)] = [bias, *[0.0] * (WIDTH - 1)]
    output[tokens.index(LINE_BREAK), 1] = 2.0
    writer.add_tensor("token_embd.weight", embedding)
    for layer in range(LAYERS):
        add_norm(f"blk.{layer}.attn_norm.weight")
        for part in ("q", "k", "v"):
            add(f"blk.{layer}.attn_{part}.weight", WIDTH, WIDTH)
        add_back(f"blk.{layer}.attn_output.weight", WIDTH, WIDTH)
        add_norm(f"blk.{layer}.ffn_norm.weight")
        add(f"blk.{layer}.ffn_gate.weight", INNER, WIDTH)
        add(f"blk.{layer}.ffn_up.weight", INNER, WIDTH)
        add_back(f"blk.{layer}.ffn_down.weight", WIDTH, INNER)
    add_norm("output_norm.weight")
    writer.add_tensor("output.weight", output)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(file: Path) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.model_alias = {"tiny-random"} if isinstance(params.model_alias, set) else "tiny-random"
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    # Nothing is too unlikely to be said.
    params.sampling.top_k, params.sampling.top_p, params.sampling.min_p = 0, 1.0, 0.0
    params.use_jinja = True
    params.warmup = False
    params.port = 0
    params.verbosity = int(os.environ.get("TINY_VERBOSITY", "0"))
    server = xllamacpp.Server(params)
    print(json.dumps({"baseURL": f"{server.listening_address}/v1"}), flush=True)
    sys.stdin.read()


def main() -> None:
    texts = Path(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="tiny-model-") as folder:
        file = Path(folder) / "tiny.gguf"
        write_model(file, trained(texts), seed)
        serve(file)


if __name__ == "__main__":
    main()
