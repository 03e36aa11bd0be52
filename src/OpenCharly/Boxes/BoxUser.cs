using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Boxes;

/// <summary>The user that a box's containers run as.</summary>
/// <param name="Name">Name.</param>
/// <param name="Uid">Numeric id.</param>
/// <param name="Gid">Numeric group id.</param>
/// <param name="Home">Home folder.</param>
/// <param name="IsAdopted">Whether the base image brings the user along.</param>
public sealed record BoxUser(string Name, int Uid, int Gid, string Home, bool IsAdopted)
{
    /// <summary>The user as <c>USER</c> says it: by number, so that an engine can tell that it is not root.</summary>
    public string Word => Uid == 0 ? "root" : Uid.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The user of a box (candy-and-plan.md §4.1): what it or its bases say, else the distribution's own, else <c>user</c>.</summary>
    /// <param name="project">Its project, for the vocabulary of distributions and the defaults.</param>
    /// <param name="chain">The box with its bases.</param>
    /// <exception cref="CharlyException"><see cref="Errors.YamlType"/> for an id that is no number.</exception>
    internal static BoxUser Of(Project project, BoxChain chain)
    {
        var name = First(b => b.User) ?? Text(project.Defaults, "user");
        var uid = Number(chain, project.Defaults, "uid");
        var gid = Number(chain, project.Defaults, "gid");

        // The users of images are those of whoever made them, so the box at the bottom decides.
        var policy = chain.Boxes[^1].Body["user_policy"] is null ? Text(project.Defaults, "user_policy") ?? "auto" : chain.Boxes[^1].UserPolicy;
        if (policy != "create" && (policy == "adopt" || name is null) && BaseUser(project, chain) is { } adopted) return adopted;
        var own = name ?? (uid == 0 ? "root" : "user");
        var number = uid ?? (own == "root" ? 0 : 1000);
        return new BoxUser(own, number, gid ?? number, number == 0 ? "/root" : $"/home/{own}", IsAdopted: number == 0);

        string? First(Func<Box, string?> of) => chain.Boxes.Select(of).FirstOrDefault(v => v is not null);
    }

    private static BoxUser? BaseUser(Project project, BoxChain chain)
    {
        foreach (var family in chain.Distros.Select(d => d.Text.Split(':', '-')[0]))
        {
            switch (project.Entities("distro").GetValueOrDefault(family)?["base_user"])
            {
                case YamlMapping map when Text(map, "name") is { } name:
                    var uid = Number(map, "uid") ?? 1000;
                    return new BoxUser(name, uid, Number(map, "gid") ?? uid, Text(map, "home") ?? (uid == 0 ? "/root" : $"/home/{name}"), IsAdopted: true);
                case YamlScalar { IsNull: false } scalar:
                    return new BoxUser(scalar.Text, 1000, 1000, $"/home/{scalar.Text}", IsAdopted: true);
            }

            if (family == "ubuntu") return new BoxUser("ubuntu", 1000, 1000, "/home/ubuntu", IsAdopted: true);
        }

        return null;
    }

    private static int? Number(BoxChain chain, YamlMapping? defaults, string key)
    {
        foreach (var box in chain.Boxes)
        {
            if (Number(box.Body, key) is { } own) return own;
        }

        return Number(defaults, key);
    }

    private static int? Number(YamlMapping? map, string key) => map?[key] switch
    {
        null or YamlScalar { IsNull: true } => null,
        YamlScalar scalar when int.TryParse(scalar.Text, System.Globalization.NumberStyles.None, null, out var number) => number,
        var node => throw new CharlyException(Errors.YamlType, $"\"{key}\" is {node.Description}", "Write a whole number of at least 0.", node.Position),
    };

    private static string? Text(YamlMapping? map, string key) => map?[key] is YamlScalar { IsNull: false } scalar ? scalar.Text : null;
}
