using System.Text.Json;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Cli;

public sealed class PlanFileTests
{
    private static readonly InstallPlan Plan = Sealed(new InstallPlan
    {
        Name = "vm:web", Target = "vm:web", Host = "charly-web", DeployId = "0f3c9a1be27d4455", Tags = ["debian:13", "debian", "deb"],
        Candies = [new PlannedCandy("nginx", "1.0")],
        Steps =
        [
            new SystemPackagesStep { Candy = "nginx", Scope = StepScope.System, PackagePhase = StepPhase.Install, Format = "deb", Packages = ["nginx"] },
        ],
    });

    [Fact]
    public async Task Show_prints_the_plans_of_a_file_as_a_table()
    {
        using var run = new CommandRun();
        await File.WriteAllTextAsync(Path.Combine(run.Home, "plan.json"), PlanJson.Write(Plan));
        Assert.Equal(0, await run.RunAsync("plan", "show", "plan.json"));
        Assert.Contains("\n1  nginx  SystemPackages install  system  -     deb: nginx\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_as_json_gives_back_what_was_read()
    {
        using var run = new CommandRun { Input = PlanJson.Write(Plan) };
        Assert.Equal(0, await run.RunAsync("plan", "show", "-", "--json"));
        Assert.Equal(run.Input, run.Output);
    }

    [Fact]
    public async Task A_plan_of_an_unknown_schema_is_refused()
    {
        using var run = new CommandRun { Input = PlanJson.Write(Plan).Replace("plan/1", "plan/9", StringComparison.Ordinal) };
        Assert.Equal(2, await run.RunAsync("plan", "show", "-", "--json"));
        using var json = JsonDocument.Parse(run.Error);
        Assert.Equal("PLN005", json.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_file_that_is_no_json_is_refused_with_its_place()
    {
        using var run = new CommandRun { Input = "[{\n  nonsense" };
        Assert.Equal(2, await run.RunAsync("plan", "show", "-"));
        Assert.Contains("\n  at standard input:2:3\n", run.Error, StringComparison.Ordinal);
    }

    private static InstallPlan Sealed(InstallPlan plan) =>
        plan with { Steps = [.. plan.Steps.Select(step => step with { Digest = PlanDigest.Of(step) })] };
}
