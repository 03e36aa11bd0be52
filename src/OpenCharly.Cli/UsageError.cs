using System.CommandLine;
using System.CommandLine.Parsing;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>What is wrong with a command line, with the word that was probably meant.</summary>
internal static class UsageError
{
    /// <summary>The error of a command line; null if it is right.</summary>
    public static CharlyException? Find(ParseResult parsed)
    {
        var path = PathOf(parsed.CommandResult);
        var seeHelp = $"Run \"{path} --help\" to see what it takes.";
        var command = parsed.CommandResult.Command;
        var unmatched = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        if ((MistypedOption(parsed) ?? unmatched) is { } word)
        {
            var what = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return new CharlyException(Errors.Usage, $"{path} has no {what} \"{word}\"", Suggest(word, parsed.CommandResult, seeHelp));
        }

        // A message of the parser ends with a full stop and may hold several sentences; ours are one line without.
        return parsed.Errors.Count > 0
            ? new CharlyException(Errors.Usage, string.Join("; ", parsed.Errors.Select(Say)), seeHelp)
            : null;
    }

    // The parser names the type of ours that a word was to become, which tells nobody anything. All such are numbers.
    private static string Say(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens: [var word, ..] } option when IsOfType(error) => $"\"{word.Value}\" is no whole number, which {option.Option.Name} takes",
        ArgumentResult { Tokens: [var word, ..] } argument when IsOfType(error) => argument.Parent is OptionResult option
            ? $"\"{word.Value}\" is no whole number, which {option.Option.Name} takes"
            : $"\"{word.Value}\" is no whole number, which {argument.Argument.HelpName ?? argument.Argument.Name} is to be",
        _ => error.Message.TrimEnd('.'),
    };

    private static bool IsOfType(ParseError error) => error.Message.Contains("System.Int", StringComparison.Ordinal);

    // The parser takes an unknown option for an argument where one is free, so that a mistyped --dry-run would be a
    // candy's name. Words that begin with a dash are arguments only after "--".
    private static string? MistypedOption(ParseResult parsed)
    {
        var free = parsed.Tokens.SkipWhile(t => t.Type != TokenType.DoubleDash).ToArray();
        return parsed.CommandResult.Command.Arguments
            .SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? [])
            .FirstOrDefault(t => t.Value is ['-', _, ..] && !free.Any(f => ReferenceEquals(f, t)))?.Value;
    }

    /// <summary>The command as typed: <c>charly vm start</c>.</summary>
    public static string PathOf(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult command) names.Push(command.Command is RootCommand ? "charly" : command.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static string Suggest(string word, CommandResult result, string otherwise)
    {
        var known = result.Command.Subcommands.SelectMany(c => c.Aliases.Prepend(c.Name)).ToList();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult command) known.AddRange(command.Command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)));
        }

        return Nearest.Suggest(word, known.Where(k => k.StartsWith('-') == word.StartsWith('-')), otherwise);
    }
}
