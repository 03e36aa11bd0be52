using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Plans;

namespace OpenCharly.Cli.Commands;

/// <summary>Which steps of plans are wanted: <c>--candy</c>, <c>--kind</c>, <c>--scope</c>, each repeatable.</summary>
internal sealed class SelectionOptions
{
    private readonly Option<string[]> _candy = new("--candy")
    {
        Description = "Only steps of this candy; may be given several times",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<StepKind[]> _kind = Words<StepKind>("--kind", "Only steps of this kind, such as op or system-packages; may be given several times", k => k.ToKebab());
    private readonly Option<StepScope[]> _scope = Words<StepScope>("--scope", "Only steps of this scope: system, user or user-profile; may be given several times", StepNames.Of);

    public SelectionOptions(CommandHost host, Command command)
    {
        _candy.CompletionSources.Add(context => new NameCompletions(host, context).Candies());
        command.Add(_candy);
        command.Add(_kind);
        command.Add(_scope);
    }

    public PlanSelection Of(ParseResult parsed) => new()
    {
        Candies = parsed.GetValue(_candy) ?? [],
        Kinds = parsed.GetValue(_kind) ?? [],
        Scopes = parsed.GetValue(_scope) ?? [],
    };

    private static Option<T[]> Words<T>(string name, string description, Func<T, string> wordOf)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(wordOf, StringComparer.OrdinalIgnoreCase);
        foreach (var value in Enum.GetValues<T>()) words.TryAdd(value.ToString(), value);
        var option = new Option<T[]>(name)
        {
            Description = description,
            HelpName = name[2..].ToUpperInvariant(),
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                var values = new List<T>();
                foreach (var token in result.Tokens)
                {
                    if (words.TryGetValue(token.Value, out var value)) values.Add(value);
                    else result.AddError($"\"{token.Value}\" is none of {string.Join(", ", Enum.GetValues<T>().Select(wordOf))}.");
                }

                return [.. values];
            },
        };
        option.CompletionSources.Add([.. Enum.GetValues<T>().Select(wordOf)]);
        return option;
    }
}
