using System.Text;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>What the sample candies compile to, on every family of systems: plans and scripts are reviewed as files.</summary>
public sealed class GoldenPlanTests : IDisposable
{
    public static readonly TheoryData<string> Chains = new() { "debian:12", "debian:13", "ubuntu:24.04", "fedora:43", "arch" };

    private readonly SampleCandies _candies = new();

    [Theory]
    [MemberData(nameof(Chains))]
    public void The_plan_is_as_reviewed(string distro) =>
        Golden.Check($"{FileName(distro)}.plan.json", Portable(PlanJson.Write(Compile(distro))));

    [Theory]
    [MemberData(nameof(Chains))]
    public void The_scripts_are_as_reviewed(string distro)
    {
        var plan = Compile(distro);
        var text = new StringBuilder();
        foreach (var step in plan.Steps)
        {
            var script = StepScripts.Render(step, plan);
            text.Append($"##### {step.Number} {step.Candy} {step.Kind}: {step.Summary.ReplaceLineEndings(" ")}\n");
            text.Append($"# as {(script.AsRoot ? "root" : "user")}{(script.LeavesTraces ? "" : ", leaves no traces")}");
            if (script.PackageFormat is { } format) text.Append($", changes {format} packages");
            text.Append('\n');
            if (script.Paths.Count > 0) text.Append($"# paths: {string.Join(' ', script.Paths)}\n");
            if (script.Folders.Count > 0) text.Append($"# folders: {string.Join(' ', script.Folders)}\n");
            if (script.Units.Count > 0) text.Append($"# units: {string.Join(' ', script.Units.Select(u => u.Name + (u.IsUser ? " (user)" : "")))}\n");
            foreach (var file in script.Staged) text.Append($"# staged: {file.Name} {file.Mode} from {file.Source}\n");
            text.Append(string.Join('\n', StepScripts.Commands(step with { Skip = null }, plan))).Append("\n\n");
        }

        Golden.Check($"{FileName(distro)}.steps.sh", Portable(text.ToString()));
    }

    [Theory]
    [MemberData(nameof(Chains))]
    public void Every_script_is_bash(string distro)
    {
        var plan = Compile(distro);
        foreach (var step in plan.Steps)
        {
            var result = BashRun.Parse(StepScripts.Render(step, plan).Body);
            Assert.True(result.ExitCode == 0, $"{step.Summary}: {result.Error}");
        }
    }

    [Fact]
    public void The_table_of_a_local_plan_with_closed_gates_is_as_reviewed()
    {
        var request = Plan.Local(Plan.Request("debian:13", _candies.All)) with { Gates = new PlanGates() };
        Golden.Check("closed.table.txt", PlanView.Of(PlanCompiler.Compile(request)).ToText(120));
    }

    [Fact]
    public void The_graphs_are_as_reviewed()
    {
        var plan = Plan.Compile("debian:13", _candies.Weather(), _candies.Services());
        Golden.Check("graph.tree.txt", PlanGraph.Tree(plan));
        Golden.Check("graph.mmd", PlanGraph.Mermaid(plan));
        Golden.Check("graph.html", PlanGraph.Draw([plan], PlanPicture.Html));
    }

    public void Dispose() => _candies.Dispose();

    private InstallPlan Compile(string distro) => PlanCompiler.Compile(Plan.Request(distro, _candies.All) with
    {
        AddCandies = ["shells"],
        Environment = new Dictionary<string, string> { ["EDITOR"] = "nano -w", ["WX_CITY"] = "Linz" },
    });

    private static string FileName(string distro) => distro.Replace(':', '-');

    private string Portable(string text) => text.Replace(_candies.Root, "/project", StringComparison.Ordinal);
}
