using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>
/// Compiles candies into an install plan for one target (candy-and-plan.md §5). Pure: it reads nothing but the files
/// that the candies name, and the same request always gives the same plan.
/// </summary>
public static class PlanCompiler
{
    /// <summary>Compiles.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanIncompatible"/> for a candy without a section for the
    /// target, <see cref="Errors.PlanDistro"/> for packages without a package manager,
    /// <see cref="Errors.PlanEnvironment"/> for required variables without a value, and the task and service codes for
    /// what a candy gets wrong. Nothing was changed.</exception>
    public static InstallPlan Compile(PlanRequest request)
    {
        var plan = new PlanBuilder(request);
        RequireEnvironment(request);
        var included = new List<PlannedCandy>();
        var accepted = new List<Candy>();
        foreach (var candy in request.Candies)
        {
            if (!Accept(plan, candy)) continue;
            included.Add(new PlannedCandy(candy.Name, candy.Version));
            accepted.Add(candy);
            Compile(plan, candy);
        }

        var deployId = DeployId(request.Name, included.Select(c => c.Name), request.AddCandies);
        if (request.Environment.Count > 0)
        {
            var name = DeployHookName(request.Name, included);
            included.Add(new PlannedCandy(name, ""));
            plan.Add(ShellCompiler.Hook(plan, name, request.Environment, []));
        }

        var facts = request.Facts;
        return new InstallPlan
        {
            Name = request.Name,
            Target = request.Target,
            Host = request.Host,
            Ref = request.Ref,
            DeployId = deployId,
            Box = request.Box,
            Version = request.Version.Length > 0 ? request.Version : PrimaryVersion(request),
            Distro = facts.Tags.Count > 0 ? facts.Tags[0] : "",
            Tags = [.. facts.Tags],
            Home = facts.Home,
            User = facts.User,
            LoginShell = LoginShellBlock.ShellOf(facts),
            Candies = included,
            AddCandies = [.. request.AddCandies],
            BuilderImage = request.BuilderImage,
            Gates = request.Gates,
            Steps = plan.Seal(),
            Secrets = NeedsCompiler.Secrets(accepted, plan.Steps),
            Artifacts = NeedsCompiler.Artifacts(request, accepted),
            Skips = plan.Skips,
            Warnings = plan.Warnings,
        };
    }

    /// <summary>The 16 hex digits that identify a deployment: SHA-256 over identity, candies and overlays (§5.1).</summary>
    /// <param name="identity">Deploy key; the box's name for pods.</param>
    /// <param name="candies">Names of the candies, in order.</param>
    /// <param name="overlays">Overlay references as given.</param>
    public static string DeployId(string identity, IEnumerable<string> candies, IEnumerable<string> overlays)
    {
        var text = new StringBuilder(identity).Append('\0');
        foreach (var candy in candies) text.Append(candy).Append('\0');
        text.Append('\u0001');
        foreach (var overlay in overlays) text.Append(overlay).Append('\0');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    private static bool Accept(PlanBuilder plan, Candy candy)
    {
        // Units take the place of supervisord wherever systemd runs.
        if (candy.Name == "supervisord" && plan.Facts.HasSystemd)
        {
            plan.Note(candy, SkipReason.InitSystem, "systemd runs the services here");
            return false;
        }

        var packages = PackageCascade.Resolve(candy, plan.Facts.Tags);
        if (!IsIncompatible(candy, packages)) return true;
        var chain = plan.Facts.Tags.Count == 0 ? "an unknown system" : string.Join(", ", plan.Facts.Tags);
        var sections = string.Join(", ", candy.Sections.Select(s => s.Tag).Distinct());
        if (!plan.Request.SkipIncompatible)
        {
            throw new CharlyException(
                Errors.PlanIncompatible,
                $"candy {candy.Name} has no packages for {chain}: its sections are {sections}",
                "Add a section for this system, or leave such candies out with --skip-incompatible.",
                candy.Position,
                candy.Name);
        }

        plan.Note(candy, SkipReason.Incompatible, $"no section for {chain}; it has {sections}");
        return false;
    }

    // Only a candy that consists of packages for other systems has nothing to offer to this one (§3.4).
    private static bool IsIncompatible(Candy candy, ResolvedPackages packages) =>
        candy.Sections.Count > 0 && packages.MatchedTags.Count == 0 && candy.Packages.Count == 0
        && candy.Tasks.Count == 0 && candy.Builders.All(b => b == "aur") && candy.Services.Count == 0
        && candy.Environment.Count == 0 && candy.PathEntries.Count == 0 && candy.Shell is null && candy.Data.Count == 0
        && candy.LocalPackages.Count == 0 && candy.Members.Count == 0;

    private static void Compile(PlanBuilder plan, Candy candy)
    {
        var packages = PackageCascade.Resolve(candy, plan.Facts.Tags);
        ShellCompiler.AddHook(plan, candy);
        PackageCompiler.Add(plan, candy, packages);
        var buildsInTasks = candy.Tasks.Any(t => t.Verb == "build");
        if (!buildsInTasks) BuilderCompiler.Add(plan, candy, packages);
        LocalPackageCompiler.Add(plan, candy);
        TaskCompiler.Add(plan, candy, () => BuilderCompiler.Add(plan, candy, packages));
        ServiceCompiler.Add(plan, candy);
        ShellCompiler.AddSnippets(plan, candy);
        AddApks(plan, candy);
        AddReboot(plan, candy);
        if (!plan.IsBox) NoteContainerFields(plan, candy);
    }

    private static void AddApks(PlanBuilder plan, Candy candy)
    {
        if (candy.Apks.Count == 0) return;
        plan.AddSkipped(
            new ApkInstallStep { Candy = candy.Name, Scope = StepScope.User, Venue = StepVenue.Skip, Packages = candy.Apks, CandyFolder = candy.SourceFolder },
            SkipReason.NotSupportedOnTarget,
            "apk: only on android targets");
    }

    private static void AddReboot(PlanBuilder plan, Candy candy)
    {
        if (!candy.Reboot) return;
        var step = new RebootStep { Candy = candy.Name, Scope = StepScope.System };
        if (plan.IsVm)
        {
            plan.Add(step);
            return;
        }

        plan.AddSkipped(step with { Venue = StepVenue.Skip }, SkipReason.NotSupportedOnTarget, "reboot: only virtual machines are rebooted");
        plan.Warn($"candy {candy.Name} asks for a reboot; this machine is never rebooted, so do it yourself when it suits");
    }

    private static void NoteContainerFields(PlanBuilder plan, Candy candy)
    {
        var fields = new (string Name, bool IsSet)[]
        {
            ("port", candy.Ports.Count > 0), ("port_relay", candy.PortRelays.Count > 0), ("volume", candy.Volumes.Count > 0),
            ("data", candy.Data.Count > 0), ("alias", candy.Aliases.Count > 0), ("route", candy.Route is not null),
            ("security", candy.Security is not null), ("hook", candy.Hooks.Count > 0), ("engine", candy.Engine is not null),
            ("extract", candy.Extracts.Count > 0), ("secret", candy.Secrets.Count > 0), ("env_provide", candy.EnvProvide.Count > 0),
            ("mcp_provide", candy.McpProvide.Count > 0), ("mcp_require", candy.McpRequire.Count > 0),
            ("mcp_accept", candy.McpAccept.Count > 0), ("libvirt", candy.LibvirtFragments.Count > 0),
            ("capability", candy.Capabilities is not null), ("requires_capability", candy.RequiresCapabilities.Count > 0),
            ("unit files", candy.UnitFiles.Count > 0),
        };
        var set = fields.Where(f => f.IsSet).Select(f => f.Name).ToList();
        if (set.Count > 0) plan.Note(candy, SkipReason.NotSupportedOnTarget, string.Join(", ", set) + ": no effect on this kind of target");
    }

    private static void RequireEnvironment(PlanRequest request)
    {
        // An image is asked for its variables when it is run, not when it is built.
        if (request.TargetKind == PlanRequest.BoxKind) return;
        var missing = request.Candies
            .SelectMany(c => c.EnvRequire.Where(r => TaskCompiler.ValueOf(r, request) is null).Select(r => (Candy: c, Requirement: r)))
            .ToList();
        if (missing.Count == 0) return;
        throw new CharlyException(
            Errors.PlanEnvironment,
            "required variables have no value: "
            + string.Join("; ", missing.Select(m => $"{m.Requirement.Name} (candy {m.Candy.Name}: {m.Requirement.Description})")),
            $"Set them under env: of the deploy entry {request.Name}, or in the environment of this command.",
            missing[0].Candy.Position,
            missing[0].Candy.Name);
    }

    private static string PrimaryVersion(PlanRequest request) =>
        (request.Candies.FirstOrDefault(c => c.Name == request.Ref) ?? (request.Candies.Count > 0 ? request.Candies[^1] : null))?.Version ?? "";

    // The deploy entry's own environment lives in a file beside those of the candies, so it needs a name like theirs.
    private static string DeployHookName(string deploy, List<PlannedCandy> candies)
    {
        var safe = new string([.. deploy.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '-')]).Trim('-', '_');
        if (safe.Length == 0) safe = "deploy";
        while (candies.Any(c => c.Name == safe)) safe += "-deploy";
        return safe;
    }
}
