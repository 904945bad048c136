// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/expression.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/functions.h"
#include "runner/plan/limits.h"
#include "runner/plan/suggest.h"

typedef enum {
    PART_CONSTANT,
    PART_VARIABLE,
    PART_OR,
    PART_AND,
    PART_NOT,
    PART_COMPARE,
    PART_COMPUTE,
    PART_CALL
} PartType;

/* One node of the syntax tree. Children are linked by their place; place 0 is nobody's. */
typedef struct Part {
    PartType type;
    Datum constant;
    unsigned variable;
    Compare compare;
    char sign;
    const Function *function;
    unsigned first, next;
} Part;

struct Expression {
    GArray *parts; /* of Part */
    GStringChunk *texts;
    unsigned root;
};

typedef struct Parser {
    Expression *expression;
    const GPtrArray *names;
    const char *at;
    unsigned depth;
    GError **error;
} Parser;

static unsigned parse_or(Parser *parser);

static Part *part_at(const Expression *expression, unsigned index)
{
    return &g_array_index(expression->parts, Part, index);
}

static unsigned add_part(Parser *parser, Part part)
{
    g_array_append_val(parser->expression->parts, part);
    return parser->expression->parts->len - 1;
}

/* A part with one or two children, unless one of them could not be read. */
static unsigned add_joint(Parser *parser, Part part, unsigned left, unsigned right)
{
    part.first = left;
    if (left == 0 || right == 0)
        return 0;
    if (left != right)
        part_at(parser->expression, left)->next = right;
    return add_part(parser, part);
}

static void skip_space(Parser *parser)
{
    while (g_ascii_isspace(*parser->at))
        parser->at++;
}

static unsigned refuse(Parser *parser, const char *wanted)
{
    skip_space(parser);
    if (*parser->at == '\0')
        error_set(parser->error, ERROR_SCENARIO, "is no expression: it ends where %s should be", wanted);
    else
        error_set(parser->error, ERROR_SCENARIO, "is no expression: at '%.20s' %s should be", parser->at, wanted);
    return 0;
}

static bool take(Parser *parser, const char *sign)
{
    skip_space(parser);
    if (!g_str_has_prefix(parser->at, sign))
        return false;
    parser->at += strlen(sign);
    return true;
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (g_ascii_isalnum(text[length]) || text[length] == '_')
        length++;
    return length;
}

static bool take_word(Parser *parser, const char *word)
{
    skip_space(parser);
    if (word_length(parser->at) != strlen(word) || !g_str_has_prefix(parser->at, word))
        return false;
    parser->at += strlen(word);
    return true;
}

static const char *keep(Parser *parser, const char *text, size_t length)
{
    return g_string_chunk_insert_len(parser->expression->texts, text, (gssize) length);
}

static unsigned parse_number(Parser *parser)
{
    const char *start = parser->at;
    size_t length = strspn(start, "0123456789.");
    Part part = { .type = PART_CONSTANT };

    if ((start[length] == 'e' || start[length] == 'E') &&
        (g_ascii_isdigit(start[length + 1]) ||
         (start[length + 1] != '\0' && strchr("+-", start[length + 1]) != NULL && g_ascii_isdigit(start[length + 2]))))
        length += 2 + strspn(start + length + 2, "0123456789");
    while (g_ascii_isalpha(start[length]) || start[length] == '%')
        length++;
    part.constant = datum_from_text(keep(parser, start, length));
    parser->at += length;
    if (datum_is_number(&part.constant))
        return add_part(parser, part);
    error_set(parser->error, ERROR_SCENARIO, "is no expression: '%s' is no number", part.constant.text);
    error_hint(parser->error, "units are %s; %s; %s; and %%.", units_names(UNIT_TIME), units_names(UNIT_SIZE),
               units_names(UNIT_RATE));
    return 0;
}

static unsigned parse_text(Parser *parser)
{
    char quote = *parser->at;
    const char *end = strchr(parser->at + 1, quote);
    Part part = { .type = PART_CONSTANT, .constant.type = DATUM_TEXT };

    if (end == NULL) {
        error_set(parser->error, ERROR_SCENARIO, "is no expression: the text that begins with %.20s has no end",
                  parser->at);
        return 0;
    }
    part.constant.text = keep(parser, parser->at + 1, (size_t) (end - parser->at - 1));
    parser->at = end + 1;
    return add_part(parser, part);
}

static unsigned parse_variable(Parser *parser)
{
    const char *start = parser->at + 2;
    const char *end = strchr(start, '}');
    g_autofree char *name = g_strndup(start, end != NULL ? (size_t) (end - start) : 0);
    g_autofree char *hint = NULL;

    if (end == NULL)
        return refuse(parser, "a '}' behind a name");
    for (unsigned i = 0; i < parser->names->len; i++) {
        if (strcmp(g_ptr_array_index(parser->names, i), name) != 0)
            continue;
        parser->at = end + 1;
        return add_part(parser, (Part){ .type = PART_VARIABLE, .variable = i });
    }
    hint = suggest(name, parser->names, "names");
    error_set(parser->error, ERROR_SCENARIO, "is no expression: nothing is known as '${%s}' here", name);
    if (hint != NULL)
        error_hint(parser->error, "%s", hint);
    return 0;
}

static unsigned refuse_word(Parser *parser, const char *word)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *hint = NULL;

    for (const Function *function = functions; function->name != NULL; function++)
        g_ptr_array_add(known, (void *) function->name);
    for (unsigned i = 0; i < parser->names->len; i++)
        if (strcmp(g_ptr_array_index(parser->names, i), word) == 0)
            hint = g_strdup_printf("write ${%s} for the factor, '%s' for a text.", word, word);
    if (hint == NULL)
        hint = suggest(word, known, NULL);
    error_set(parser->error, ERROR_SCENARIO, "is no expression: '%s' is neither a function nor true or false", word);
    error_hint(parser->error, "%s", hint != NULL ? hint : "a text stands in quotes, and a factor's name in ${...}.");
    return 0;
}

/* The arguments of a function and its ')'. */
static unsigned parse_call(Parser *parser, const Function *function)
{
    Part part = { .type = PART_CALL, .function = function };
    unsigned last = 0, count = 0;

    if (!take(parser, "("))
        return refuse(parser, "a '('");
    while (count == 0 || take(parser, ",")) {
        unsigned argument = parse_or(parser);

        if (argument == 0)
            return 0;
        if (last != 0)
            part_at(parser->expression, last)->next = argument;
        else
            part.first = argument;
        last = argument;
        count++;
    }
    if (!take(parser, ")"))
        return refuse(parser, "a ')'");
    if (count >= function->min && count <= function->max)
        return add_part(parser, part);
    error_set(parser->error, ERROR_SCENARIO, "is no expression: %s() cannot have %u value%s", function->name, count,
              count == 1 ? "" : "s");
    error_hint(parser->error, "write %s.", function->usage);
    return 0;
}

static unsigned parse_word(Parser *parser)
{
    size_t length = word_length(parser->at);
    g_autofree char *word = g_strndup(parser->at, length);
    bool is_true = strcmp(word, "true") == 0;

    for (const Function *function = functions; function->name != NULL; function++)
        if (strcmp(function->name, word) == 0) {
            parser->at += length;
            return parse_call(parser, function);
        }
    if (!is_true && strcmp(word, "false") != 0)
        return refuse_word(parser, word);
    parser->at += length;
    return add_part(parser, (Part){ .type = PART_CONSTANT, .constant = datum_boolean(is_true) });
}

static unsigned parse_value(Parser *parser)
{
    unsigned inside;

    skip_space(parser);
    if (g_ascii_isdigit(*parser->at) || *parser->at == '.')
        return parse_number(parser);
    if (*parser->at == '\'' || *parser->at == '"')
        return parse_text(parser);
    if (g_str_has_prefix(parser->at, "${"))
        return parse_variable(parser);
    if (g_ascii_isalpha(*parser->at))
        return parse_word(parser);
    if (!take(parser, "("))
        return refuse(parser, "a value");
    inside = parse_or(parser);
    return inside != 0 && !take(parser, ")") ? refuse(parser, "a ')'") : inside;
}

/* Everything that contains itself comes through here or parse_not(), so that the depth is known. */
static bool enter(Parser *parser)
{
    if (parser->depth++ < EXPRESSION_DEPTH_MAX)
        return true;
    return error_set(parser->error, ERROR_SCENARIO, "is no expression: it is more than %d levels deep",
                     EXPRESSION_DEPTH_MAX);
}

static unsigned parse_sign(Parser *parser)
{
    unsigned part = 0;

    if (!take(parser, "-"))
        return parse_value(parser);
    if (enter(parser)) {
        unsigned zero = add_part(parser, (Part){ .type = PART_CONSTANT, .constant = { .type = DATUM_INTEGER } });

        part = add_joint(parser, (Part){ .type = PART_COMPUTE, .sign = '-' }, zero, parse_sign(parser));
    }
    parser->depth--;
    return part;
}

static char take_operator(Parser *parser, const char *signs)
{
    if (strchr(signs, '/') != NULL && take(parser, "//"))
        return '\\';
    skip_space(parser);
    return *parser->at != '\0' && strchr(signs, *parser->at) != NULL ? *parser->at++ : '\0';
}

static unsigned parse_product(Parser *parser)
{
    unsigned left = parse_sign(parser);
    char sign;

    while (left != 0 && (sign = take_operator(parser, "*/")) != '\0')
        left = add_joint(parser, (Part){ .type = PART_COMPUTE, .sign = sign }, left, parse_sign(parser));
    return left;
}

static unsigned parse_sum(Parser *parser)
{
    unsigned left = parse_product(parser);
    char sign;

    while (left != 0 && (sign = take_operator(parser, "+-")) != '\0')
        left = add_joint(parser, (Part){ .type = PART_COMPUTE, .sign = sign }, left, parse_product(parser));
    return left;
}

static bool take_compare(Parser *parser, Compare *ret_compare)
{
    static const struct {
        const char *sign;
        Compare compare;
    } signs[] = {
        /* the longer ones first */
        { "==", COMPARE_EQUAL },    { "!=", COMPARE_UNEQUAL }, { "<=", COMPARE_AT_MOST },
        { ">=", COMPARE_AT_LEAST }, { "<", COMPARE_LESS },     { ">", COMPARE_MORE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (take(parser, signs[i].sign)) {
            *ret_compare = signs[i].compare;
            return true;
        }
    return false;
}

static unsigned parse_comparison(Parser *parser)
{
    unsigned left = parse_sum(parser);
    Part part = { .type = PART_COMPARE };

    if (left == 0 || !take_compare(parser, &part.compare))
        return left;
    return add_joint(parser, part, left, parse_sum(parser));
}

static unsigned parse_not(Parser *parser)
{
    unsigned part = 0;

    if (enter(parser)) {
        if (take_word(parser, "not")) {
            unsigned inside = parse_not(parser);

            part = add_joint(parser, (Part){ .type = PART_NOT }, inside, inside);
        } else
            part = parse_comparison(parser);
    }
    parser->depth--;
    return part;
}

static unsigned parse_and(Parser *parser)
{
    unsigned left = parse_not(parser);

    while (left != 0 && take_word(parser, "and"))
        left = add_joint(parser, (Part){ .type = PART_AND }, left, parse_not(parser));
    return left;
}

static unsigned parse_or(Parser *parser)
{
    unsigned left = parse_and(parser);

    while (left != 0 && take_word(parser, "or"))
        left = add_joint(parser, (Part){ .type = PART_OR }, left, parse_and(parser));
    return left;
}

Expression *expression_parse(const char *text, const GPtrArray *names, GError **error)
{
    g_autoptr(Expression) expression = g_new0(Expression, 1);
    Parser parser = { .expression = expression, .names = names, .at = text, .error = error };
    Part nobody = { .type = PART_CONSTANT };

    expression->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    expression->texts = g_string_chunk_new(64);
    g_array_append_val(expression->parts, nobody);
    if (strlen(text) > EXPRESSION_BYTES_MAX) {
        error_set(error, ERROR_SCENARIO, "is longer than %d bytes", EXPRESSION_BYTES_MAX);
        return NULL;
    }
    expression->root = parse_or(&parser);
    skip_space(&parser);
    if (expression->root != 0 && *parser.at != '\0')
        expression->root = refuse(&parser, "an operator or the end");
    return expression->root != 0 ? g_steal_pointer(&expression) : NULL;
}

void expression_free(Expression *expression)
{
    if (expression == NULL)
        return;
    g_array_unref(expression->parts);
    g_string_chunk_free(expression->texts);
    g_free(expression);
}

bool expression_uses(const Expression *expression, unsigned variable)
{
    for (unsigned i = 1; i < expression->parts->len; i++)
        if (part_at(expression, i)->type == PART_VARIABLE && part_at(expression, i)->variable == variable)
            return true;
    return false;
}

size_t expression_weight(const Expression *expression)
{
    return expression->parts->len;
}

/* An expression on its way through one set of variables. */
typedef struct Evaluation {
    const Expression *expression;
    const Datum *variables;
    GStringChunk *texts;
    GError **error;
} Evaluation;

static bool evaluate(Evaluation *evaluation, unsigned index, Datum *ret);

static bool evaluate_truth(Evaluation *evaluation, unsigned index, const char *who, bool *ret)
{
    Datum datum;

    if (!evaluate(evaluation, index, &datum))
        return false;
    if (datum.type != DATUM_BOOLEAN)
        return error_set(evaluation->error, ERROR_SCENARIO, "%s wants true or false, not %s", who, datum_kind(&datum));
    *ret = datum.boolean;
    return true;
}

/* The right side of `and` and `or` is only looked at when it matters. */
static bool evaluate_logic(Evaluation *evaluation, const Part *part, Datum *ret)
{
    const char *who = part->type == PART_AND ? "'and'" : part->type == PART_OR ? "'or'" : "'not'";
    bool truth;

    if (!evaluate_truth(evaluation, part->first, who, &truth))
        return false;
    if (part->type == PART_NOT)
        truth = !truth;
    else if (truth == (part->type == PART_AND) &&
             !evaluate_truth(evaluation, part_at(evaluation->expression, part->first)->next, who, &truth))
        return false;
    *ret = datum_boolean(truth);
    return true;
}

static bool concatenate(Evaluation *evaluation, const Datum *a, const Datum *b, Datum *ret)
{
    g_autofree char *left = datum_text(a);
    g_autofree char *right = datum_text(b);
    g_autofree char *both = g_strconcat(left, right, NULL);

    if (strlen(both) > EXPRESSION_BYTES_MAX)
        return error_set(evaluation->error, ERROR_SCENARIO, "the text is longer than %d bytes", EXPRESSION_BYTES_MAX);
    *ret = (Datum){ .type = DATUM_TEXT, .text = g_string_chunk_insert(evaluation->texts, both) };
    return true;
}

static bool evaluate_pair(Evaluation *evaluation, const Part *part, Datum *ret)
{
    Datum a, b;
    bool truth;

    if (!evaluate(evaluation, part->first, &a) ||
        !evaluate(evaluation, part_at(evaluation->expression, part->first)->next, &b))
        return false;
    if (part->type == PART_COMPUTE && part->sign == '+' && (a.type == DATUM_TEXT || b.type == DATUM_TEXT))
        return concatenate(evaluation, &a, &b, ret);
    if (part->type == PART_COMPUTE)
        return datum_compute(part->sign, &a, &b, ret, evaluation->error);
    if (!datum_compare(part->compare, &a, &b, &truth, evaluation->error))
        return false;
    *ret = datum_boolean(truth);
    return true;
}

static bool evaluate_if(Evaluation *evaluation, const Part *part, Datum *ret)
{
    unsigned yes = part_at(evaluation->expression, part->first)->next;
    bool truth;

    if (!evaluate_truth(evaluation, part->first, "if()", &truth))
        return false;
    return evaluate(evaluation, truth ? yes : part_at(evaluation->expression, yes)->next, ret);
}

static bool evaluate_call(Evaluation *evaluation, const Part *part, Datum *ret)
{
    Datum arguments[FUNCTION_ARGUMENTS_MAX];
    unsigned count = 0;

    if (part->function->call == NULL)
        return evaluate_if(evaluation, part, ret);
    for (unsigned i = part->first; i != 0; i = part_at(evaluation->expression, i)->next)
        if (!evaluate(evaluation, i, &arguments[count++]))
            return false;
    return part->function->call(part->function, arguments, count, evaluation->texts, ret, evaluation->error);
}

static bool evaluate(Evaluation *evaluation, unsigned index, Datum *ret)
{
    const Part *part = part_at(evaluation->expression, index);

    switch (part->type) {
    case PART_CONSTANT: *ret = part->constant; return true;
    case PART_VARIABLE: *ret = evaluation->variables[part->variable]; return true;
    case PART_OR:
    case PART_AND:
    case PART_NOT: return evaluate_logic(evaluation, part, ret);
    case PART_COMPARE:
    case PART_COMPUTE: return evaluate_pair(evaluation, part, ret);
    case PART_CALL: return evaluate_call(evaluation, part, ret);
    }
    return false;
}

bool expression_evaluate(const Expression *expression, const Datum *variables, GStringChunk *texts, Datum *ret,
                         GError **error)
{
    Evaluation evaluation = { expression, variables, texts, error };

    return evaluate(&evaluation, expression->root, ret);
}

const char expression_reference[] =
    "    expression = and { \"or\" and }\n"
    "    and        = not { \"and\" not }\n"
    "    not        = \"not\" not | comparison\n"
    "    comparison = sum [ ( \"==\" | \"!=\" | \"<\" | \"<=\" | \">\" | \">=\" ) sum ]\n"
    "    sum        = product { ( \"+\" | \"-\" ) product }\n"
    "    product    = sign { ( \"*\" | \"/\" | \"//\" ) sign }\n"
    "    sign       = \"-\" sign | value\n"
    "    value      = number [ unit ] | 'text' | \"text\" | \"true\" | \"false\" | ${name}\n"
    "               | function \"(\" expression { \",\" expression } \")\" | \"(\" expression \")\"\n"
    "\n"
    "`${name}` is a factor, or a derived value that stands above. A value that reads as a number, with or without one "
    "of\n"
    "the units of this page, is one; `true` and `false` are truth values; all else is text. Whole numbers stay whole\n"
    "where they can: `7 / 2` is 3.5, `8 / 2` is 4, and `//` divides and rounds down. A quantity counts in its base "
    "unit\n"
    "(seconds, bytes, bits per second, per cent), and so is a computed one written: `2 * 10ms` is `0.02s`. Units must\n"
    "fit: only what has the same unit can be added or compared (0 fits all), and a quantity can be multiplied and\n"
    "divided by a number; one divided by another of its kind is a number. `+` with a text on either side joins the "
    "two\n"
    "texts, numbers as they were typed. Values of different types are unequal, and have no order. `and`, `or` and\n"
    "`if()` look only at what they need. Nothing has side effects.\n";
