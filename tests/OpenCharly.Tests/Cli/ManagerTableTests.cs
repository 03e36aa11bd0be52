using System.Text.RegularExpressions;
using Mono.Cecil;
using OpenCharly.Tests.Architecture;
using OpenCharly.Tests.PowerShell;

namespace OpenCharly.Tests.Cli;

/// <summary>docs/manager.md names a cmdlet and a command for each method, and each of them exists.</summary>
public sealed partial class ManagerTableTests
{
    private static readonly string[] Methods =
        ["Addr", "SetOutput", "Create", "Exists", "Start", "Running", "PID", "Shell", "Console", "Sync", "Stop", "Delete"];

    private static readonly string[][] Rows =
    [
        .. File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "manager.md"))
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .Select(l => l.Trim('|').Split('|').Select(c => c.Trim()).ToArray()),
    ];

    [Fact]
    public void Every_method_has_a_row() => Assert.Equal(Methods, Rows.Take(Methods.Length).Select(r => r[0].Trim('`')));

    [Fact]
    public void Every_cmdlet_exists_and_has_the_parameters_that_are_named()
    {
        string[] common = ["Verbose", "InformationAction"];
        foreach (var words in Rows.Select(r => Code().Match(r[1]).Groups[1].Value.Split(' ')))
        {
            var cmdlet = Assert.Single(CmdletClass.All, c => c.Name == words[0]);
            var known = cmdlet.Parameters.SelectMany(p => Aliases(p).Append(p.Name)).Concat(common).ToArray();
            foreach (var named in words.Where(w => w.StartsWith('-'))) Assert.Contains(named[1..], known);
        }
    }

    [Fact]
    public void Every_command_is_understood()
    {
        foreach (var words in Rows.Select(r => Code().Match(r[2]).Groups[1].Value.Split(' ')))
        {
            Assert.Equal("charly", words[0]);
            using var run = new CommandRun();
            var parsed = run.Host.Parse(words[1..]);
            Assert.True(parsed.Errors.Count == 0 && OpenCharly.Cli.UsageError.Find(parsed) is null, string.Join(' ', words));
        }
    }

    private static IEnumerable<string> Aliases(PropertyDefinition parameter) =>
        from attribute in parameter.CustomAttributes
        where attribute.AttributeType.Name == "AliasAttribute"
        from alias in (CustomAttributeArgument[])attribute.ConstructorArguments[0].Value
        select (string)alias.Value;

    [GeneratedRegex("^`([^`]+)`")]
    private static partial Regex Code();
}
