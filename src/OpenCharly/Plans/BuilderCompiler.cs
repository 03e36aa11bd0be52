using System.Text.Json;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Compiles the language builders of a candy (§6.6), in the order of their names.</summary>
internal static class BuilderCompiler
{
    public static void Add(PlanBuilder plan, Candy candy, ResolvedPackages packages)
    {
        foreach (var builder in candy.Builders.Order(StringComparer.Ordinal))
        {
            if (builder == "aur")
            {
                // Nothing but pacman can install what comes out.
                if (plan.Facts.Format == "pac" && packages.Aur is { Packages.Count: > 0 } aur) plan.Add(Aur(plan, candy, aur));
                continue;
            }

            plan.Add(builder switch
            {
                "npm" => Npm(plan, candy),
                "pixi" => Pixi(plan, candy),
                "cargo" => Cargo(plan, candy),
                _ => throw new CharlyException(
                    Errors.PlanBuilder, $"candy {candy.Name} asks for the builder {builder}, which is not known", "Builders are pixi, npm, cargo and aur.", candy.Position, candy.Name),
            });
        }
    }

    /// <summary>The folder with programs that a builder brings; null if it brings packages instead.</summary>
    public static string? PathOf(string builder) => builder switch
    {
        "pixi" => "~/.pixi/envs/default/bin",
        "npm" => "~/.npm-global/bin",
        "cargo" => "~/.cargo/bin",
        _ => null,
    };

    private static BuilderStep Aur(PlanBuilder plan, Candy candy, AurSection aur) => Step(plan, candy, "aur") with
    {
        Scope = StepScope.System,
        Packages = aur.Packages,
        Replaces = aur.Replaces,
        Reverse =
        [
            new ReverseOp
            {
                Kind = ReverseKinds.PackageRemove, Format = "pac", Targets = aur.Packages, Scope = StepScope.System,
                UninstallCommand = PackageScripts.Remove("pac", aur.Packages),
            },
        ],
    };

    private static BuilderStep Npm(PlanBuilder plan, Candy candy)
    {
        var packages = NpmPackages(candy);
        return Step(plan, candy, "npm") with
        {
            Packages = packages,
            Artifacts = [".npm-global"],

            // A dependency may be a folder or an archive beside the manifest.
            Files = packages.Any(p => p.Contains("@file:", StringComparison.Ordinal))
                ? CandyFiles.Tree(candy.Folder)
                : Files(candy, "package.json", "package-lock.json"),
            Reverse = [Undo(ReverseKinds.NpmUninstall, packages.Select(NameOf))],
        };
    }

    // name@version, @scope/name@version
    private static string NameOf(string package) => package.IndexOf('@', 1) is > 0 and var at ? package[..at] : package;

    private static BuilderStep Pixi(PlanBuilder plan, Candy candy)
    {
        if (plan.Steps.OfType<BuilderStep>().FirstOrDefault(s => s.Builder == "pixi") is { } other)
        {
            plan.Warn($"{other.Candy} and {candy.Name} both build the pixi environment default: what {candy.Name} builds replaces the other");
        }

        return PixiStep(plan, candy);
    }

    private static BuilderStep PixiStep(PlanBuilder plan, Candy candy) => Step(plan, candy, "pixi") with
    {
        EnvironmentName = "default",
        Artifacts = [".pixi"],

        // A build.sh may read whatever lies beside it.
        Files = File.Exists(Path.Combine(candy.Folder, "build.sh"))
            ? CandyFiles.Tree(candy.Folder)
            : Files(candy, "environment.yml", "pixi.lock", "pixi.toml", "pyproject.toml"),
        Reverse = [Undo(ReverseKinds.PixiEnvRemove, ["default"])],
    };

    private static BuilderStep Cargo(PlanBuilder plan, Candy candy)
    {
        var binaries = CargoBinaries(Path.Combine(candy.Folder, "Cargo.toml"));
        return Step(plan, candy, "cargo") with
        {
            Binaries = binaries,
            Artifacts = [".cargo"],
            Files = [.. CandyFiles.Tree(candy.Folder).Where(f => !f.Path.StartsWith("target/", StringComparison.Ordinal))],
            Reverse = [Undo(ReverseKinds.CargoUninstall, binaries)],
        };
    }

    private static BuilderStep Step(PlanBuilder plan, Candy candy, string builder)
    {
        var image = plan.Request.BuilderImage ?? plan.Request.BuilderImages.GetValueOrDefault(builder);
        if (image is null) plan.Warn($"nothing says in which image the builder {builder} runs: name one with --builder-image, or in the project's defaults: {{builder: {{{builder}: IMAGE}}}}");
        return new BuilderStep
        {
            Candy = candy.Name,
            Scope = StepScope.User,
            Venue = StepVenue.ContainerBuilder,
            Builder = builder,
            BuilderImage = image,
            CandyFolder = candy.Folder,
        };
    }

    private static ReverseOp Undo(string kind, IEnumerable<string> targets) => new() { Kind = kind, Targets = [.. targets], Scope = StepScope.User };

    private static IReadOnlyList<CandyFile> Files(Candy candy, params string[] names) =>
        [.. names.Where(n => File.Exists(Path.Combine(candy.Folder, n))).Select(n => CandyFiles.Describe(Path.Combine(candy.Folder, n), n))];

    private static List<string> NpmPackages(Candy candy)
    {
        var path = Path.Combine(candy.Folder, "package.json");
        try
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(path));
            if (manifest.RootElement.ValueKind != JsonValueKind.Object || !manifest.RootElement.TryGetProperty("dependencies", out var dependencies)) return [];
            return [.. dependencies.EnumerateObject().Select(d => d.Value.GetString() is "*" or "" or null ? d.Name : $"{d.Name}@{d.Value.GetString()}")];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CharlyException(
                Errors.CandyBuildFile, $"{path} can't be read: {e.Message}", "Make dependencies an object of names and versions.", candy.Position, candy.Name, e);
        }
    }

    // The names of [[bin]] tables, else that of the package: all that undo needs of the manifest.
    private static List<string> CargoBinaries(string path)
    {
        string table = "", package = "";
        var binaries = new List<string>();
        foreach (var raw in File.ReadLines(path))
        {
            var line = raw.Trim();
            if (line.StartsWith('[')) table = line;
            var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || parts[0] != "name") continue;
            var name = parts[1].Split('#')[0].Trim().Trim('"', '\'');
            if (table.StartsWith("[[bin]]", StringComparison.Ordinal)) binaries.Add(name);
            else if (table.StartsWith("[package]", StringComparison.Ordinal)) package = name;
        }

        return binaries.Count > 0 ? binaries : package.Length > 0 ? [package] : [];
    }
}
