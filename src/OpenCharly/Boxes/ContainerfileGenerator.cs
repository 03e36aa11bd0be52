using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>
/// Writes the Containerfile of a box (candy-and-plan.md §8.1). Pure but for reading files of candies: the same box gives the
/// same bytes.
/// </summary>
/// <param name="context">The build's context: the project's folder.</param>
internal sealed class ContainerfileGenerator(string context)
{
    // What the steps of candies need: fetching, unpacking.
    private static readonly Dictionary<string, string[]> Tools = new(StringComparer.Ordinal)
    {
        ["deb"] = ["ca-certificates", "curl", "unzip", "xz-utils", "zstd"],
        ["rpm"] = ["ca-certificates", "curl", "tar", "unzip", "xz", "zstd"],
        ["pac"] = ["ca-certificates", "curl", "unzip", "xz", "zstd"],
    };

    /// <summary>The Containerfile of a box, with what it needs.</summary>
    /// <exception cref="CharlyException">What a candy gets wrong, with its place.</exception>
    public GeneratedBox Generate(BoxPlan box)
    {
        var body = BoxBody.Read(box.Box, box.Project);
        var plan = Compile(box);
        var inline = new InlineFiles($".build/{box.Box.Name}");
        var labels = BoxLabelComposer.Of(box, body);
        var main = new ContainerfileText();
        var before = new ContainerfileText();
        var stages = new CandyStages(before, inline, context, plan, box.User);
        foreach (var candy in box.Candies) stages.Add(candy, box.HasSystemd);
        if (box.Box.IsDataImage) DataImage(main, box);
        else Image(main, inline, stages, box, body, plan);
        main.Blank();
        main.Labels(BoxLabelWriter.Write(labels));

        var head = new ContainerfileText();
        head.Comment($"Containerfile of the box {box.Box.Name}, made by charly box generate; changes here are lost");
        if (box.BaseReference.Length > 0) head.Add($"ARG BASE_IMAGE={ImageName.Parse(box.BaseReference).Text}");
        if (inline.HasTexts)
        {
            head.From("scratch", CandyStages.Steps);
            head.Copy([], $"{inline.Folder}/_inline/", "/");
        }

        var used = plan.Steps.OfType<BuilderStep>().Where(s => s.Enabled && s.Builder != "cargo" && s.BuilderImage is not null).Select(s => s.BuilderImage!);
        return new GeneratedBox
        {
            Name = box.Box.Name,
            Reference = box.Reference,
            Context = context,
            Text = Join(head, before, main),
            Files = inline.All,
            Labels = labels,
            Needs = [.. used.Concat(box.BaseReference.Length > 0 ? [box.BaseReference] : []).Distinct()],
            After = [.. box.Bases.Take(1).Select(b => b.Name).Concat(Makers(box)).Distinct()],
            RootSuite = box.Box.From is null ? null : SuiteOf(box),
            Warnings = [.. plan.Warnings, .. LeftOut(plan)],
        };
    }

    /// <summary>The parts with an empty line between them.</summary>
    internal static string Join(params ReadOnlySpan<ContainerfileText> parts)
    {
        var texts = new List<string>();
        foreach (var part in parts)
        {
            if (part.ToString().Trim('\n') is { Length: > 0 } text) texts.Add(text);
        }

        return string.Join("\n\n", texts) + "\n";
    }

    /// <summary>What candies bring that an image can't take in.</summary>
    internal static IEnumerable<string> LeftOut(InstallPlan plan) => plan.Steps.Where(s => s.Enabled && s is LocalPkgInstallStep)
        .Select(s => $"{s.Candy}: \"{s.Summary}\" is left out of the image: packages of the project's own are installed on hosts and guests only");

    /// <summary>The plan of candies for an image.</summary>
    internal static PlanRequest Request(string name, IReadOnlyList<Candy> candies, IReadOnlyList<string> tags, BoxUser user, bool hasSystemd, IReadOnlyDictionary<string, string> builders)
    {
        var chain = TagChain.Expand(tags);
        return new PlanRequest
        {
            Name = name,
            Target = "box:" + name,
            TargetKind = PlanRequest.BoxKind,
            Box = name,
            Candies = candies,
            BuilderImages = builders,
            Gates = new PlanGates(WithServices: true, AllowRepoChanges: true, AllowRootTasks: true),
            Facts = new TargetFacts
            {
                OsId = chain.Tags.Count > 0 ? chain.Tags[0].Split(':')[0] : "",
                Tags = chain.Tags,
                Format = chain.Format,
                User = user.Name,
                Uid = user.Uid,
                Gid = user.Gid,
                Home = user.Home,
                Shells = ["bash", "zsh", "fish", "sh"],
                HasSystemd = hasSystemd,
            },
        };
    }

    private static InstallPlan Compile(BoxPlan box)
    {
        var builders = box.Formats.Contains("aur") ? box.Builders : box.Builders.Where(b => b.Key != "aur").ToDictionary();
        var plan = PlanCompiler.Compile(Request(box.Box.Name, box.Candies, box.Tags, box.User, box.HasSystemd, builders));

        // Packages of the AUR are for boxes that say they take them.
        return box.Formats.Contains("aur") ? plan : plan with { Steps = [.. plan.Steps.Where(s => s is not BuilderStep { Builder: "aur" })] };
    }

    private static void DataImage(ContainerfileText main, BoxPlan box)
    {
        main.From("scratch");
        CopyData(main, box.AllCandies, box.User);
    }

    private static void Image(ContainerfileText main, InlineFiles inline, CandyStages stages, BoxPlan box, BoxBody body, InstallPlan plan)
    {
        var instructions = new CandyInstructions(main, inline, stages, plan, box.User);
        if (box.Box.From is not null)
        {
            main.From("scratch");
            main.Add($"ADD .build/{box.Box.Name}/{GeneratedBox.RootFile} /");
        }
        else
        {
            main.From("${BASE_IMAGE}");
        }

        main.User("root");
        if (box.HasForeignBase) Bootstrap(main, instructions, stages, box);
        var environment = BoxEnvironment.Of(box.Candies, body.Environment, box.User.Home);
        if (environment.Count > 0) main.Blank();
        main.Environment(environment);
        var ports = box.Candies.SelectMany(c => c.Ports).Select(p => new ContainerPort(p.Number, p.Scheme == "udp")).Distinct().ToList();
        if (ports.Count > 0) main.Add($"EXPOSE {string.Join(' ', ports)}");
        CopyArtifacts(main, plan, box.User);
        CopyExtracts(main, box.Candies);
        CopyData(main, box.Candies, box.User);
        foreach (var candy in box.Candies) instructions.Add(candy);
        Init(main, inline, box);
        main.Blank();
        if (box.AllCandies.Any(c => c.Capabilities is { PreserveUser: true } or { NeedsRootAfterInit: true })) main.User("root");
        else main.User(box.User.Word);
    }

    private static void Bootstrap(ContainerfileText main, CandyInstructions instructions, CandyStages stages, BoxPlan box)
    {
        var format = TagChain.Expand(box.Tags).Format;
        if (format is not null && Tools.TryGetValue(format, out var tools))
        {
            instructions.Packages("charly", [new SystemPackagesStep { Candy = "charly", Scope = StepScope.System, PackagePhase = StepPhase.Install, Format = format, Packages = tools }]);
        }

        if (!box.User.IsAdopted) main.Comment(FormattableString.Invariant($"user {box.User.Name} {box.User.Uid}:{box.User.Gid}"));
        if (!box.User.IsAdopted) main.Add(stages.Run("charly", UserScript(box.User)));
        main.Add($"WORKDIR {box.User.Home}");
    }

    // Whoever has the number already came with the image, and would own what the box's user shall.
    private static string UserScript(BoxUser user)
    {
        var (name, uid, gid) = (Shell.Quote(user.Name), user.Uid.ToString(CultureInfo.InvariantCulture), user.Gid.ToString(CultureInfo.InvariantCulture));
        return $"""
            set -e
            other=$(getent passwd {uid} | cut -d : -f 1)
            if [[ $other && $other != {name} ]]; then userdel -r "$other" 2>/dev/null || userdel "$other"; fi
            getent group {gid} >/dev/null || groupadd -g {gid} {name}
            getent passwd {name} >/dev/null || useradd -m -d {Shell.Quote(user.Home)} -u {uid} -g {gid} -s /bin/bash {name}

            """;
    }

    internal static void CopyArtifacts(ContainerfileText main, InstallPlan plan, BoxUser user)
    {
        foreach (var step in plan.Steps.OfType<BuilderStep>().Where(s => s.Enabled && s.Builder is not ("aur" or "cargo")))
        {
            foreach (var artifact in step.Artifacts)
            {
                main.Copy([$"--from={CandyStages.OfBuilder(step.Candy, step.Builder)}", .. Owner(user)], $"{user.Home}/{artifact}", $"{user.Home}/{artifact}");
            }
        }
    }

    internal static void CopyExtracts(ContainerfileText main, IReadOnlyList<Candy> candies)
    {
        foreach (var candy in candies)
        {
            foreach (var (extract, index) in candy.Extracts.Select((e, i) => (e, i))) main.Copy([$"--from={CandyStages.OfExtract(candy.Name, index)}"], extract.Path, extract.Destination);
        }
    }

    internal static void CopyData(ContainerfileText main, IEnumerable<Candy> candies, BoxUser user)
    {
        foreach (var candy in candies)
        {
            foreach (var data in candy.Data) main.Copy([$"--from={candy.Name}", .. Owner(user)], data.Source.TrimEnd('/') + "/", BoxEnvironment.Staging(data));
        }
    }

    private static string[] Owner(BoxUser user) => user.Uid == 0 ? [] : [FormattableString.Invariant($"--chown={user.Uid}:{user.Gid}")];

    private static void Init(ContainerfileText main, InlineFiles inline, BoxPlan box)
    {
        if (box.Init is null) return;
        main.Blank();
        main.Comment($"init {box.Init}");
        main.User("root");
        if (box.Init == "supervisord") main.Copy(["--chmod=0644"], inline.Add("charly", SupervisorText.Whole(box.AllCandies, box.User)), SupervisorText.Path);
        if (box.HasSystemd) UnitFiles(main, inline, box);

        // A command and no entry point: what starts a container may name another command, as the quadlet does.
        if (InitCommand.Of(box.Project, box.Init) is { Count: > 0 } command) main.Add($"CMD {ContainerfileText.Json(command)}");
    }

    private static void UnitFiles(ContainerfileText main, InlineFiles inline, BoxPlan box)
    {
        foreach (var candy in box.Candies.Where(c => c.UnitFiles.Count > 0))
        {
            foreach (var unit in candy.UnitFiles) main.Copy([$"--from={candy.Name}", "--chmod=0644"], unit, $"/etc/systemd/system/{unit}");
            main.Add($"RUN systemctl enable {Shell.Join(candy.UnitFiles)}");
        }

        foreach (var port in box.Init == "systemd" ? box.Candies.SelectMany(c => c.PortRelays).Distinct() : [])
        {
            main.Copy(["--chmod=0644"], inline.Add("charly", RelayUnit.Text(port)), $"/etc/systemd/system/{RelayUnit.Name(port)}");
            main.Add($"RUN systemctl enable {RelayUnit.Name(port)}");
        }

        main.Add("STOPSIGNAL SIGRTMIN+3");
    }

    private static IEnumerable<string> Makers(BoxPlan box) =>
        box.Candies.SelectMany(c => c.Builders).Distinct().Select(b => box.Builders.GetValueOrDefault(b)).OfType<string>()
            .Select(r => ImageName.Parse(r).LastSegment).Where(n => n != box.Box.Name && box.Project.Boxes.Contains(n));

    private static string SuiteOf(BoxPlan box) => DebianSuite.Of(box.Distros) ?? throw new CharlyException(
        Errors.BoxSource, $"box \"{box.Box.Name}\": there is no root file system to be made for {(box.Distros.Count == 0 ? "an unknown distribution" : string.Join(", ", box.Distros))}",
        "Name a distribution such as debian:13, or give the box a base: image.", box.Box.Body["from"]?.Position ?? box.Box.Position, box.Box.Name);
}
