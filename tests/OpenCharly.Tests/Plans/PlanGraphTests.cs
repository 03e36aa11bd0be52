using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>Pictures of plans whose names and contents try to be something else than text.</summary>
public sealed partial class PlanGraphTests
{
    public static readonly TheoryData<string> Hostile =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style></script><svg onload=alert(1)>", "' onclick='x", "&lt;b&gt;&#60;", "javascript:alert(1)",
        "end", "\"]\n  s1 --> evil", "%%{init: {\"theme\":\"dark\"}}%%", "a;b;c", "style x:#ff0;", "classDef x:#35;", "`**bold**`", "#quot;", "subgraph x", "click s1 href \"https://example.org\"",
        "--> | ---", "{{x}} [(y)] ((z))", "\u001b[2J\u0007", "a\r\nb\u2028c", "\u202Egnp.exe", "𝄞 é 漢字",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_page_holds_no_tag_and_no_attribute_that_its_template_does_not_have(string text)
    {
        var page = PlanGraph.Draw([PlanOf(text)], PlanPicture.Html);
        var plain = PlanGraph.Draw([PlanOf("plain")], PlanPicture.Html);
        Assert.Equal(Tags().Matches(plain).Select(m => m.Value), Tags().Matches(page).Select(m => m.Value));
        Assert.Contains(WebUtility.HtmlEncode(text), page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_chart_has_the_same_structure_whatever_its_labels_say(string text)
    {
        string[] Structure(string of) => [.. PlanGraph.Mermaid(PlanOf(of)).Split('\n').Select(l => Labels().Replace(l, "\"\""))];
        Assert.Equal(Structure("plain"), Structure(text));
        Assert.All(Labels().Matches(PlanGraph.Mermaid(PlanOf(text))), m => Assert.Matches("^\"([A-Za-z0-9 ._/,-]|#[0-9]+;)*\"$", m.Value));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_tree_has_one_line_a_step_and_moves_no_cursor(string text)
    {
        var tree = PlanGraph.Tree(PlanOf(text));
        Assert.Equal(4, tree.Count(c => c == '\n'));
        Assert.DoesNotContain(tree, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void A_page_fetches_nothing_and_runs_only_its_own_script_and_style()
    {
        var page = PlanGraph.Draw([PlanOf("plain")], PlanPicture.Html);
        Assert.DoesNotMatch(@"(?i)(src|href|action|srcset|poster|data)\s*=|@import|url\(", page);
        foreach (var (element, source) in new[] { ("style", "style-src"), ("script", "script-src") })
        {
            var text = Regex.Match(page, $"<{element}>(.*?)</{element}>", RegexOptions.Singleline).Groups[1].Value;
            var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            Assert.Contains($"{source} 'sha256-{hash}'", page, StringComparison.Ordinal);
        }

        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_shows_gates_scripts_reverse_operations_and_what_is_left_out()
    {
        using var candies = new SampleCandies();
        var plan = PlanFilter.WithGates(Plan.Compile("debian:13", candies.Weather(), candies.Services()), new PlanGates(AllowRepoChanges: true));
        var page = PlanGraph.Draw([PlanFilter.Keep(plan, plan.Steps.Skip(1))], PlanPicture.Html);
        Assert.Contains("allow-repo-changes: open", page, StringComparison.Ordinal);
        Assert.Contains("Left out: it needs <code>--with-services</code>", page, StringComparison.Ordinal);
        Assert.Contains("<h3>Runs</h3><pre", page, StringComparison.Ordinal);
        Assert.Contains("<code>package-remove</code> curl, jq, wx-cli, wx-extra", page, StringComparison.Ordinal);
        Assert.Contains("<h2>Filtered out</h2>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_plans_are_one_page_and_one_chart()
    {
        var plans = new[] { PlanOf("one"), PlanOf("two") };
        Assert.Equal(2, PlanGraph.Draw(plans, PlanPicture.Html).Split("<article>").Length - 1);
        Assert.Single(PlanGraph.Draw(plans, PlanPicture.Mermaid).Split('\n'), l => l == "flowchart TD");
        Assert.Contains("p1s1[", PlanGraph.Draw(plans, PlanPicture.Mermaid), StringComparison.Ordinal);
    }

    private static InstallPlan PlanOf(string text) => new()
    {
        Name = text, Target = "vm:" + text, Host = text, Ref = text, DeployId = "0123456789abcdef", Home = "/home/" + text, User = "ada", Tags = [text], Warnings = [text],
        Candies = [new PlannedCandy(text, text)],
        Steps =
        [
            .. new InstallStep[]
            {
                new OpStep
                {
                    Candy = text, Scope = StepScope.User, Verb = "write", Value = text, Content = text, ResolvedUser = "ada", CandyFolder = "/x",
                    Reverse = [new ReverseOp { Kind = ReverseKinds.RemoveFileUser, Targets = [text], Scope = StepScope.User }],
                },
                new OpStep { Candy = text, Index = 1, Scope = StepScope.System, Verb = "cmd", Value = text, ResolvedUser = "root", CandyFolder = "/x", Gate = StepGate.AllowRootTasks, Skip = SkipReason.GateClosed },
            }.Select(s => s with { Digest = "00" }),
        ],
        Skips = [new PlanSkip(text, null, SkipReason.Incompatible, text)],
    };

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Labels();
}
