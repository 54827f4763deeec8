/* shell.c -- which shell reads a command, and what of an instruction it reads.
 * Relies on model.h and the shell scanner. Public face in dockerfile/shell.h.
 * Never takes a text for POSIX shell that another shell gets. */
#include "dockerfile/shell.h"

#include "model/model.h"
#include "shell/answer.h"

/* The instruction that a node is, or is a part of; of ONBUILD its trigger. 0 = none. */
static uint32_t instruction_of(const dfl_doc *doc, uint32_t node) {
    const dfl_node_rec *nodes = doc->nodes.items;
    while (node != 0 && !dfl__kind_is_instruction(nodes[node].kind))
        node = nodes[node].parent;
    if (node == 0 || nodes[node].kind != DFL_NODE_ONBUILD) return node;
    for (node = dfl__node_first(doc, node); node != 0; node = nodes[node].next)
        if (dfl__kind_is_instruction(nodes[node].kind)) return node;
    return 0;
}

static int takes_command(uint32_t kind) {
    return kind == DFL_NODE_RUN || kind == DFL_NODE_CMD || kind == DFL_NODE_ENTRYPOINT ||
           kind == DFL_NODE_HEALTHCHECK;
}

/* Whether the shell gets the node: the whole instruction, its form or a heredoc, whose body `*body`
 * is. */
static int is_given(const dfl_doc *doc, uint32_t node, uint32_t *body) {
    uint32_t kind = doc->nodes.items[node].kind;
    *body = kind == DFL_NODE_HEREDOC_BODY ? node
            : kind == DFL_NODE_HEREDOC    ? dfl__node_child(doc, node, DFL_NODE_HEREDOC_BODY)
                                          : 0;
    return *body != 0 || dfl__kind_is_instruction(kind) || kind == DFL_NODE_SHELL_FORM ||
           kind == DFL_NODE_JSON_FORM;
}

/* Whether a POSIX shell reads the command of `instruction`, which may stand in ONBUILD. */
static int is_posix(const dfl_model *model, uint32_t instruction) {
    const dfl_node_rec *node = &model->doc->nodes.items[instruction];
    uint32_t index = dfl__instr_of(model, instruction);
    if (index == UINT32_MAX) index = dfl__instr_of(model, node->parent);
    if (index == UINT32_MAX) return 1;
    const dfl__instr *instr = &model->instrs.items[index];
    if (instr->stage == DFL_NO_STAGE) return 1;
    int later = instr->kind == DFL_NODE_ONBUILD || instr->kind == DFL_NODE_HEALTHCHECK;
    return later ? dfl__config_is_posix(&model->ends[instr->stage].config) : !instr->foreign;
}

dfl_status dfl_model_shell(const dfl_model *model, dfl_node node, dfl_shell **out) {
    uint32_t body;
    if (model == NULL || out == NULL) return DFL_E_ARG;
    if (node.doc != model->doc) return DFL_E_STALE;
    if (node.id >= model->doc->nodes.count) return DFL_E_ARG;
    uint32_t instruction = instruction_of(model->doc, node.id);
    if (instruction == 0 || !takes_command(model->doc->nodes.items[instruction].kind) ||
        !is_given(model->doc, node.id, &body))
        return DFL_E_UNSUPPORTED;
    dfl__shell_args args = {.doc = model->doc,
                            .instruction = instruction,
                            .body = body,
                            .posix = is_posix(model, instruction),
                            .max_depth = model->limits.max_depth,
                            .alloc = &model->arena.alloc};
    return dfl__shell_of(&args, out);
}
