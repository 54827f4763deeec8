/* scope.h -- variables of a file: where each value comes from, and words with their variables put
 * in. Relies on model.h. Never takes what is not known for empty: unknown is a state of its own. */
#ifndef DOCKERFILE_SCOPE_H
#define DOCKERFILE_SCOPE_H

#include "dockerfile/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* States of a variable. */
#define DFL_VARIABLE_UNSET 0   /**< declared by an ARG to which nothing gives a value */
#define DFL_VARIABLE_SET 1     /**< its value is known; it may be empty */
#define DFL_VARIABLE_UNKNOWN 2 /**< it depends on something that is not given */

/* What a definition is. Numbers keep their meaning for ever. */
#define DFL_DEFINITION_AUTOMATIC 1 /**< BuildKit sets it: TARGETPLATFORM, BUILDARCH, ... */
#define DFL_DEFINITION_BUILD_ARG 2 /**< a build argument of the caller, for an ARG */
#define DFL_DEFINITION_DEFAULT 3   /**< the default of an ARG */
#define DFL_DEFINITION_GLOBAL 4    /**< an ARG of a stage that takes the value of a global one */
#define DFL_DEFINITION_NONE 5      /**< an ARG to which nothing gives a value */
#define DFL_DEFINITION_ENV 6       /**< ENV */
#define DFL_DEFINITION_BASE 7      /**< the configuration of the base image */
#define DFL_DEFINITION_PATH 8      /**< PATH, which BuildKit adds where an image has none */
#define DFL_DEFINITION_PREDEFINED                                                                  \
    9 /**< a proxy argument of the caller: RUN sees it, words do not */

#define DFL_NO_DEFINITION UINT32_MAX /**< "no such definition" */

/** One place where a variable gets a value. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;  /**< in: sizeof(dfl_definition) */
    uint32_t kind;  /**< DFL_DEFINITION_* */
    uint32_t state; /**< DFL_VARIABLE_* */
    uint32_t stage; /**< the stage in which it stands; DFL_NO_STAGE in the global scope */
    uint32_t
        node; /**< PAIR of the ARG or ENV (of an ONBUILD, the instruction); 0 = not in the file */
    uint32_t from; /**< GLOBAL: the definition whose value it takes; else DFL_NO_DEFINITION */
    dfl_str name;  /**< after expansion */
    dfl_str value; /**< empty unless the state is SET */
} dfl_definition;

/** Number of definitions, in the order in which BuildKit meets them. Since 0.1. */
DFL_API size_t dfl_model_definition_count(const dfl_model *model);

/** Fill `*out` with definition `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_model_definition(const dfl_model *model, size_t index, dfl_definition *out);

/** The variables at one point of a file. Not thread-safe; owns its memory. */
typedef struct dfl_scope dfl_scope;

/** A variable in a scope. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_variable) */
    uint32_t state;      /**< DFL_VARIABLE_* */
    uint32_t definition; /**< that is in force; its kind, its node, its stage */
    int32_t declared;    /**< 1: an ARG of the stage or of those it is built on names it */
    dfl_str name;
    dfl_str value;
} dfl_variable;

/**
 * The variables that the words of `node` may name, as they are before its instruction; a node
 * inside an ARG sees those that stand before it. Global arguments for FROM and for what stands
 * before the first FROM, else those of the stage. Freed by dfl_scope_free. DFL_E_STALE for
 * another document's node, DFL_E_ARG, DFL_E_NOMEM. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_scope(const dfl_model *model, dfl_node node,
                                                 dfl_scope **out);

/** The variables behind the last instruction of `stage`. Otherwise as dfl_model_scope. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_scope_end(const dfl_model *model, uint32_t stage,
                                                     dfl_scope **out);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_scope_free(dfl_scope *scope);

/** Number of variables. Since 0.1. */
DFL_API size_t dfl_scope_count(const dfl_scope *scope);

/**
 * Whether the scope is all there is: 0 when the configuration of the base image is not known, so
 * that other names may be set as well. Since 0.1.
 */
DFL_API int32_t dfl_scope_complete(const dfl_scope *scope);

/** Fill `*out` with variable `index`, in the order of the names' bytes. DFL_E_ARG, DFL_E_ABI.
 * Since 0.1. */
DFL_API dfl_status dfl_scope_variable(const dfl_scope *scope, size_t index, dfl_variable *out);

/* What BuildKit does with the text of a node. */
#define DFL_EXPAND_NONE 0    /**< it takes the text as it stands */
#define DFL_EXPAND_WORD 1    /**< variables, quotes and escapes; blanks do not split */
#define DFL_EXPAND_WORDS 2   /**< EXPOSE: unquoted blanks split into words */
#define DFL_EXPAND_HEREDOC 3 /**< body for COPY and ADD: variables and escapes, quotes are text */
#define DFL_EXPAND_FIELDS 4  /**< --mount: the value of each field is a word */

/** A text with its variables put in. Immutable; thread-safe to read; owns its memory. */
typedef struct dfl_expansion dfl_expansion;

#define DFL_EXPAND_F_TRACE 0x0001 /**< follow values to the bytes that were typed */

/**
 * Expand the text of `node` at its place, exactly as BuildKit does: WORD, VALUE (of a pair or a
 * flag), NAME of a pair, PAIR (its value), JSON_STRING, SHELL_FORM, HEREDOC_BODY. `flags` is 0 or
 * DFL_EXPAND_F_TRACE. A malformed text gives DFL_OK and an error in dfl_expanded. Freed by
 * dfl_expansion_free. DFL_E_STALE for another document's node, DFL_E_UNSUPPORTED for other kinds
 * of nodes, DFL_E_ARG, DFL_E_NOMEM, DFL_E_LIMIT (trace: too many pieces for
 * max_model_bytes, or more than 1,024 definitions that each name the one before).
 * Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_expand(const dfl_model *model, dfl_node node,
                                                  uint32_t flags, dfl_expansion **out);

/** Free; NULL is accepted. Since 0.1. */
DFL_API void dfl_expansion_free(dfl_expansion *expansion);

/** What an expansion gave. Strings are borrowed from it. */
typedef struct {
    uint32_t size;    /**< in: sizeof(dfl_expanded) */
    uint32_t mode;    /**< DFL_EXPAND_* */
    uint32_t error;   /**< code of the diagnostic when the text is malformed, else 0 */
    int32_t known;    /**< 0: an unknown value takes part, or there is an error */
    dfl_str text;     /**< the result; what is unknown in it is left out; empty on error */
    size_t pieces;    /**< number of pieces: they tile the text */
    size_t undefined; /**< number of names that are not set */
    size_t words;     /**< EXPAND_WORDS: number of words, which stand blank-separated in `text` */
} dfl_expanded;

/** Fill `*out`. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_expansion_get(const dfl_expansion *expansion, dfl_expanded *out);

#define DFL_PIECE_F_EXACT 0x0001   /**< the source range holds these very bytes */
#define DFL_PIECE_F_UNKNOWN 0x0002 /**< the value is not known: the piece is empty */
#define DFL_PIECE_F_CHANGED                                                                        \
    0x0004 /**< the variable's value with a pattern or a default at work                           \
            */

/** A run of the text and where it comes from. */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_piece) */
    uint32_t flags;      /**< DFL_PIECE_F_* */
    uint32_t start, end; /**< bytes of the text */
    dfl_range source;    /**< bytes of the document: literal text, `$name` or `${...}`; of a traced
                              piece the bytes that were typed, in whatever ARG or ENV holds them */
    uint32_t definition; /**< of the variable that gave it; DFL_NO_DEFINITION for literal text */
    uint32_t node;       /**< the node in whose text `source` lies */
} dfl_piece;

/** Fill `*out` with piece `index`. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_expansion_piece(const dfl_expansion *expansion, size_t index,
                                       dfl_piece *out);

/** Word `index` of a text in DFL_EXPAND_WORDS; empty when there is none. Since 0.1. */
DFL_API dfl_str dfl_expansion_word(const dfl_expansion *expansion, size_t index);

/** A name that was looked up and is not set. Strings are borrowed from the expansion. */
typedef struct {
    uint32_t size;    /**< in: sizeof(dfl_undefined) */
    int32_t declared; /**< 1: an ARG names it but nothing gives it a value */
    dfl_str name;
    dfl_str suggestion; /**< the nearest name that is set; empty when none is near, and for names
                             past the 64th */
    dfl_range source;   /**< bytes of the first reference */
} dfl_undefined;

/** Fill `*out` with undefined name `index`, each once. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_expansion_undefined(const dfl_expansion *expansion, size_t index,
                                           dfl_undefined *out);

#ifdef __cplusplus
}
#endif
#endif
