using Mono.Cecil;

namespace OpenCharly.Tests.Architecture;

/// <summary>The arrows between the engine's folders, read from the compiled assembly so that no spelling hides one.</summary>
public sealed class LayerTests
{
    // A folder may use the folders before it. Folders on one line are neighbours and don't know each other.
    private static readonly string[][] Layers =
    [
        ["Foundation"],
        ["Yaml"],
        ["Kdl"],
        ["Execution"],
        ["Model"],
        ["Plans"],
        ["Ledger"],
        ["Vms"],
        ["Boxes"],
        ["Pods"],
        ["Kubernetes", "Android", "Arbitration"],
        ["Checks"],
        ["Building"],
        ["Targets"],
        ["Operations"],
    ];

    private static readonly AssemblyDefinition Engine =
        AssemblyDefinition.ReadAssembly(typeof(OpenCharly.Foundation.CharlyException).Assembly.Location);

    [Fact]
    public void Every_type_of_the_engine_lives_in_a_known_folder()
    {
        var strangers = Engine.MainModule.Types
            .Where(t => t.Namespace.StartsWith("OpenCharly", StringComparison.Ordinal) && LayerOf(t) < 0)
            .Select(t => t.FullName);
        Assert.Empty(strangers);
    }

    [Fact]
    public void A_folder_uses_only_folders_above_it()
    {
        var violations = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in Engine.MainModule.Types)
        {
            var layer = LayerOf(type);
            if (layer < 0) continue;
            foreach (var used in UsedTypes.Of(type))
            {
                var other = LayerOf(used);
                if (other > layer || (other == layer && FolderOf(used) != FolderOf(type)))
                {
                    violations.Add($"{FolderOf(type)} uses {FolderOf(used)}: {type.Name} -> {used.Name}");
                }
            }
        }

        Assert.Empty(violations);
    }

    [Theory]
    [InlineData("System.Management.Automation")]
    [InlineData("System.Console")]
    [InlineData("Spectre.Console")]
    [InlineData("System.CommandLine")]
    public void The_engine_references_neither_PowerShell_nor_the_console(string assembly) =>
        Assert.DoesNotContain(Engine.MainModule.AssemblyReferences, r => r.Name == assembly);

    [Fact]
    public void The_engine_has_no_mutable_static_state()
    {
        var mutable = AllTypes(Engine.MainModule.Types)
            .Where(t => !t.Name.Contains('<') && LayerOf(t) >= 0)
            .SelectMany(t => t.Fields)
            .Where(f => f.IsStatic && !f.IsInitOnly && !f.IsLiteral && !f.Name.Contains('<'))
            .Select(f => f.FullName);
        Assert.Empty(mutable);
    }

    [Fact]
    public void Folders_and_namespaces_are_the_same()
    {
        var wrong = RepositoryRoot.Sources("src/OpenCharly")
            .Where(f => !File.ReadAllText(f).Contains($"namespace {Expected(f)};", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(RepositoryRoot.Path, f));
        Assert.Empty(wrong);

        static string Expected(string file) =>
            string.Join('.', Path.GetRelativePath(Path.Combine(RepositoryRoot.Path, "src"), Path.GetDirectoryName(file)!).Split('/'));
    }

    [Fact]
    public void No_folder_or_class_is_a_drawer_for_leftovers()
    {
        string[] drawers = ["Utils", "Util", "Helpers", "Helper", "Common", "Manager", "Misc"];
        var found = AllTypes(Engine.MainModule.Types)
            .SelectMany(t => t.Namespace.Split('.').Append(t.Name))
            .Where(n => drawers.Any(d => n.EndsWith(d, StringComparison.Ordinal)));
        Assert.Empty(found);
    }

    private static IEnumerable<TypeDefinition> AllTypes(IEnumerable<TypeDefinition> types) =>
        types.SelectMany(t => AllTypes(t.NestedTypes).Prepend(t));

    private static string FolderOf(TypeReference type)
    {
        while (type.DeclaringType is not null) type = type.DeclaringType;
        var parts = type.Namespace.Split('.');
        return parts is ["OpenCharly", var folder, ..] ? folder : "";
    }

    private static int LayerOf(TypeReference type) => Array.FindIndex(Layers, l => l.Contains(FolderOf(type)));
}
