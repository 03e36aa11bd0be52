using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OpenCharly.Cli.Completion;

namespace OpenCharly.Cli.Commands;

/// <summary>Arguments and options that several commands share, with their completions.</summary>
internal static class Parameters
{
    public static Argument<string> VmName(CommandHost host)
    {
        var argument = new Argument<string>("name") { Description = "Name of the machine", HelpName = "NAME" };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Vms());
        return argument;
    }

    /// <summary>A machine; the only one of the VMFile if left out.</summary>
    public static Argument<string?> VmNameOrOnly(CommandHost host)
    {
        var argument = new Argument<string?>("name")
        {
            Description = "Name of the machine; the only one of VMFile.kdl if left out",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrOne,
        };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Vms());
        return argument;
    }

    /// <summary>A snapshot of the machine that stands before it on the line.</summary>
    public static Argument<string> Snapshot(CommandHost host, Argument<string> vm)
    {
        var argument = new Argument<string>("snapshot") { Description = "Name of the snapshot", HelpName = "SNAPSHOT" };
        argument.CompletionSources.Add(context => context.ParseResult.GetValue(vm) is { Length: > 0 } name ? new NameCompletions(host, context).Snapshots(name) : []);
        return argument;
    }

    /// <summary>Only say what would be done.</summary>
    public static Option<bool> DryRun() => Flag("--dry-run", "Only say what would be done", "-n");

    public static Argument<string> VmEntity(CommandHost host)
    {
        var argument = new Argument<string>("name") { Description = "Name of the vm entity in charly.yml", HelpName = "NAME" };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).VmEntities());
        return argument;
    }

    public static Argument<string[]> VmNames(CommandHost host)
    {
        var argument = new Argument<string[]>("names")
        {
            Description = "Names of machines, with the wildcards * and ?; all if none is given",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrMore,
        };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Vms());
        return argument;
    }

    public static Argument<string> BundleName(CommandHost host)
    {
        var argument = new Argument<string>("name")
        {
            Description = "What it is applied to: vm:NAME, host, or the name of a deploy entry",
            HelpName = "NAME",
        };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        return argument;
    }

    public static Argument<string?> CandyReference(CommandHost host)
    {
        var argument = new Argument<string?>("ref")
        {
            Description = "Candy or box: a name, a path or host/owner/repo; the entry's own if left out",
            HelpName = "REF",
            Arity = ArgumentArity.ZeroOrOne,
        };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Candies());
        return argument;
    }

    public static Option<bool> Yes(string description = "Do not ask") =>
        new("--yes", "-y", "--assume-yes") { Description = description };

    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    public static Option<string?> Text(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    public static Option<int?> Whole(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    /// <summary>An option with several values: given several times, or separated by commas unless a comma may be part of one.</summary>
    public static Option<string[]> Many(string name, string helpName, string description, bool splits = true) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => [.. result.Tokens.SelectMany(t => splits ? t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [t.Value])],
    };

    /// <summary>A duration: seconds, or a number with <c>s</c>, <c>m</c> or <c>h</c>.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryDuration(text, out var duration)) return duration;
            result.AddError($"\"{text}\" is no duration; write seconds, or a number with s, m or h such as 5m.");
            return null;
        },
    };

    /// <summary>An option that takes one word of a few.</summary>
    public static Option<T> OneOf<T>(string name, string description, IReadOnlyDictionary<string, T> words)
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', words.Keys),
            CustomParser = result => Pick(result, words),
        };
        option.CompletionSources.Add([.. words.Keys]);
        return option;
    }

    private static T? Pick<T>(ArgumentResult result, IReadOnlyDictionary<string, T> words)
    {
        var text = result.Tokens[0].Value;
        if (words.TryGetValue(text, out var value)) return value;
        result.AddError($"\"{text}\" is none of {string.Join(", ", words.Keys)}.");
        return default;
    }

    private static bool TryDuration(string text, out TimeSpan duration)
    {
        var (digits, unit) = text switch
        {
            [.., 's'] => (text[..^1], 1),
            [.., 'm'] => (text[..^1], 60),
            [.., 'h'] => (text[..^1], 3600),
            _ => (text, 1),
        };
        var isNumber = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        duration = isNumber && number * unit < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(number * unit) : default;
        return duration > TimeSpan.Zero || (isNumber && number == 0);
    }
}
