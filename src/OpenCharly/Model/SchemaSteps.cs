using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>The ordered steps from old files to the newest schema (candy-and-plan.md §1.7, deploy.md §1.3). Each does nothing to a file that is current.</summary>
internal static class SchemaSteps
{
    private static readonly string[] Kinds =
        ["candy", "box", "pod", "vm", "k8s", "local", "android", "deploy", "agent", "recipe", "score", "eval", "group", "target", "module"];

    /// <summary>Runs all steps.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgVersion"/> for a file that is newer than this program.</exception>
    public static void Run(SchemaDocument document)
    {
        NestKind(document);
        NestBareFields(document);
        RenameRootKeys(document);
        foreach (var path in Bodies(document, "candy")) Candy(document, path);
        foreach (var path in Bodies(document, "box")) Box(document, path);
        foreach (var path in Bodies(document, "local")) Local(document, path);
        foreach (var path in Bodies(document, "deploy")) Deployment(document, path, KeyOf(document, path), isBed: false);
        foreach (var path in Bodies(document, "eval")) Deployment(document, path, KeyOf(document, path), isBed: true);
        if (document.Editor.Has("defaults", "port")) document.Leave(["defaults", "port"], "defaults.port became the port of a candy", "Write it into the candies that listen there, and remove it.");
        Version(document);
    }

    // kind: X beside the fields becomes X: above them.
    private static void NestKind(SchemaDocument document)
    {
        if (document.Editor.Scalar("kind") is not { } old) return;
        var kind = old switch { "deployment" => "deploy", "image" => "box", "layer" => "candy", "host" => "local", _ => old };
        if (!Kinds.Contains(kind))
        {
            document.Leave(["kind"], $"\"kind: {old}\" is not known", $"Put the fields below one of {string.Join(", ", Kinds)}.");
            return;
        }

        var isNamed = document.Editor.Scalar("name") is not null && (kind is "candy" or "box" || !document.Editor.Has("version"));
        if (!isNamed && !document.Editor.Has(kind))
        {
            document.Leave(["kind"], $"\"kind: {old}\" became the key {kind}: above the fields", $"Put the fields below {kind}: and the entity's name.");
            return;
        }

        if (document.Editor.HasComments("kind"))
        {
            document.Leave(["kind"], $"\"kind: {old}\" has a comment that would be lost", "Move the comment to another line.");
            return;
        }

        document.Do(["kind"], $"kind: {old} became {kind}: above the fields", () =>
        {
            document.Editor.Remove(["kind"]);
            if (isNamed) document.Editor.Nest(kind);
        });
    }

    private static void NestBareFields(SchemaDocument document)
    {
        var kind = document.Kind switch { SchemaFileKind.Candy => "candy", SchemaFileKind.Box => "box", _ => null };
        var keys = document.Editor.Keys();
        var isBare = kind is not null && keys.Any(k => IsField(kind, k)) && !keys.Any(k => k is "import" or "discover" || (Kinds.Append("image").Append("layer").Contains(k) && document.Editor.Keys(k).Count > 0));
        if (isBare) document.Do([keys[0]], $"the fields put below {kind}:", () => document.Editor.Nest(kind!));
    }

    private static bool IsField(string kind, string key) =>
        key is "name" or "description" or "package" or "task" or "require" or "distro" or "base" or "build" || LegacyKeys.Successor(kind, key) is not null || LegacyKeys.IsPackageSection(key);

    private static void RenameRootKeys(SchemaDocument document)
    {
        foreach (var (old, now) in LegacyKeys.RootRenames)
        {
            // In the per-host file the entries of images were what is deployed.
            document.Rename([old], old is "image" or "images" && document.Kind == SchemaFileKind.Host ? "deploy" : now);
        }
    }

    // A kind holds the fields of one entity, which has a name or the folder's, or entities by name.
    private static IEnumerable<string[]> Bodies(SchemaDocument document, string kind)
    {
        var editor = document.Editor;
        var isOne = editor.Scalar(kind, "name") is not null
            || (kind == "candy" && document.Kind == SchemaFileKind.Candy)
            || (kind == "box" && document.Kind == SchemaFileKind.Box && editor.Keys(kind).Any(key => editor.Keys(kind, key).Count == 0));
        if (isOne) return editor.Keys(kind).Count > 0 ? [[kind]] : [];
        return [.. editor.Keys(kind).Select(name => (string[])[kind, name]).Where(path => editor.Scalar(path) is null && !editor.IsList(path))];
    }

    private static string KeyOf(SchemaDocument document, string[] path) => path.Length == 1 ? document.Editor.Scalar(path[0], "name")! : path[^1];

    private static void Candy(SchemaDocument document, string[] path)
    {
        var editor = document.Editor;
        foreach (var (old, now) in LegacyKeys.CandyRenames) document.Rename([.. path, old], now);
        if (!editor.Has([.. path, "description"])) document.Rename([.. path, "info"], "description");
        if (editor.Scalar([.. path, "description"]) is { } text) document.Set([.. path, "description"], YamlValue.Map(("feature", text)), $"{string.Join('.', path)}.description became description.feature");
        document.Move([.. path, "tags"], [.. path, "description", "tag"]);
        if (editor.Scalar([.. path, "status"]) is { } status && !editor.Has([.. path, "description", "tag"]) && !editor.HasComments([.. path, "status"]))
        {
            document.Do([.. path, "status"], $"{string.Join('.', path)}.status became description.tag", () =>
            {
                editor.Set([.. path, "description", "tag"], YamlValue.TextList([status]));
                editor.Remove([.. path, "status"]);
            });
        }

        if (editor.Scalar([.. path, "localpkg"]) is { } package) document.Set([.. path, "localpkg"], YamlValue.Map(("pac", package)), $"{string.Join('.', path)}.localpkg became localpkg.pac");
        foreach (var key in editor.Keys(path).Where(LegacyKeys.IsPackageSection).ToArray())
        {
            string[] section = key == "aur" ? [.. path, "distro", "arch", "aur"] : [.. path, "distro", key];
            document.Move([.. path, key], key != "aur" && editor.IsList([.. path, key]) ? [.. section, "package"] : section);
        }

        LeaveLegacy(document, "candy", path);
        if (editor.Keys(path).Count > 0 && !Patterns.Version().IsMatch(editor.Scalar([.. path, "version"]) ?? "")) document.Do([.. path, "version"], $"{string.Join('.', path)}.version set to {CalVer.NewestSchema}", () => SetVersion(editor, [.. path, "version"]));
    }

    private static void Box(SchemaDocument document, string[] path)
    {
        foreach (var (old, now) in LegacyKeys.BoxRenames) document.Rename([.. path, old], now);
        LeaveLegacy(document, "box", path);
    }

    private static void LeaveLegacy(SchemaDocument document, string kind, string[] path)
    {
        foreach (var key in document.Editor.Keys(path))
        {
            var isSaid = document.Left.Any(l => l.Position == document.Editor.Position([.. path, key]));
            if (!isSaid && LegacyKeys.Successor(kind, key) is { } now) document.Leave([.. path, key], $"{string.Join('.', path)}.{key} became {now}", "Write it there by hand, and remove it here.");
        }
    }

    private static void Local(SchemaDocument document, string[] path)
    {
        if (path[^1] == "cachyos-dx") document.Leave(path, "the name cachyos-dx of a local template is retired", "Give it another name, and use that where it is referred to.");
        foreach (var key in document.Editor.Keys(path).Where(k => k is "image" or "images")) document.Leave([.. path, key], $"{string.Join('.', path)}.{key} became the box of a deploy entry", "Write it there by hand, and remove it here.");
    }

    private static void Deployment(SchemaDocument document, string[] path, string key, bool isBed)
    {
        var editor = document.Editor;
        if (key is "qc" or "cachyos-dx") document.Leave(path, $"the name {key} of a deployment is retired", "Give it another name; apply it anew under that name.");
        if (editor.Has([.. path, "bind_mounts"])) document.Leave([.. path, "bind_mounts"], "bind_mounts became volume", "Write each as {name, type: bind or encrypted, host} below volume:. What was encrypted must say type: encrypted.");
        document.Rename([.. path, "image"], "box");
        if (editor.Scalar([.. path, "target"]) is "host" or "container" or "kubernetes")
        {
            var now = editor.Scalar([.. path, "target"]) switch { "host" => "local", "container" => "pod", _ => "k8s" };
            document.Do([.. path, "target"], $"{string.Join('.', path)}.target became {now}", () => editor.Respell([.. path, "target"], now));
        }

        if (!isBed && IsPodWithoutBox(document, path, key))
        {
            var box = key.Split('/')[0];
            document.Set([.. path, "box"], box, $"{string.Join('.', path)}.box set to {box}");
        }

        foreach (var name in editor.Keys([.. path, "nested"])) Deployment(document, [.. path, "nested", name], name, isBed);
    }

    // An entry of the per-host file may be what was chosen for an entry of a project, which has the box.
    private static bool IsPodWithoutBox(SchemaDocument document, string[] path, string key)
    {
        var editor = document.Editor;
        if (editor.Has([.. path, "box"]) || editor.Has([.. path, "pod"])) return false;
        if (document.Kind == SchemaFileKind.Host && (document.KnownElsewhere.Contains(path.Length > 1 ? path[1] : key) || IsCurrent(editor.Scalar("version")))) return false;
        return editor.Scalar([.. path, "target"]) is { } target
            ? target == "pod"
            : !key.StartsWith("vm:", StringComparison.Ordinal) && key is not ("host" or "local") && !editor.Has([.. path, "local"]) && !editor.Has([.. path, "vm"]);
    }

    private static void Version(SchemaDocument document)
    {
        var text = document.Editor.Scalar("version");
        if (CalVer.TryParse(text, out var version) && version > CalVer.NewestSchema)
        {
            throw new CharlyException(Errors.CfgVersion, $"the schema version {version} is newer than {CalVer.NewestSchema}", "Update charly.", document.Editor.Position("version"));
        }

        if (document.Kind is SchemaFileKind.Candy or SchemaFileKind.Box || IsCurrent(text)) return;
        var isNeeded = text is not null || (document is { IsFirst: true, LacksVersion: true } && (document.Kind == SchemaFileKind.Root || (document.Kind == SchemaFileKind.Host && document.Changes.Count > 0)));
        if (isNeeded && Kinds.Any(kind => document.Editor.Scalar(kind, "name") is not null))
        {
            document.Leave(["version"], "version: is missing", $"Write version: {CalVer.NewestSchema} into a document of its own, before a line with ---.");
            return;
        }

        if (isNeeded) document.Do(["version"], $"version set to {CalVer.NewestSchema}", () => SetVersion(document.Editor, ["version"]));
    }

    private static bool IsCurrent(string? version) => CalVer.TryParse(version, out var read) && read >= CalVer.NewestSchema;

    private static void SetVersion(YamlEditor editor, string[] path)
    {
        var newest = CalVer.NewestSchema.ToString();
        if (editor.Scalar(path) is null) editor.Set(path, new YamlScalarValue(newest, IsPlain: true));
        else editor.Respell(path, newest);
    }
}
