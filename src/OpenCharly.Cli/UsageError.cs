using System.CommandLine;
using System.CommandLine.Parsing;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>What is wrong with a command line, with the word that was probably meant.</summary>
internal static class UsageError
{
    public static CharlyException From(ParseResult parsed)
    {
        var path = PathOf(parsed.CommandResult);
        var seeHelp = $"Run \"{path} --help\" to see what it takes.";
        if (parsed.UnmatchedTokens is [var word, ..] && parsed.CommandResult.Command is { } command)
        {
            var what = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return new CharlyException(Errors.Usage, $"{path} has no {what} \"{word}\"", Suggest(word, parsed.CommandResult, seeHelp));
        }

        // A message of the parser ends with a full stop and may hold several sentences; ours are one line without.
        return new CharlyException(Errors.Usage, string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.'))), seeHelp);
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
