param([Parameter(Mandatory)] [string] $Module)

Describe 'Maintenance' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
    }

    AfterAll { Reset-TestHome $old }

    Context 'Test-CharlyHost' {
        It 'emits what was looked for, with a hint where something is missing' {
            $items = Test-CharlyHost
            $items | Should -BeOfType OpenCharly.Operations.HostItem
            ($items | Where-Object Name -eq bash).Status | Should -Be 'Ok'
            $items | Where-Object Status -eq Missing | ForEach-Object Hint | Should -Not -Contain $null
            $items.Group | Select-Object -Unique | Should -Be 'System', 'ContainerEngines', 'Virtualisation', 'Encryption', 'Tunnels', 'Hardware'
        }

        It 'narrows down to groups, which complete' {
            (Test-CharlyHost Tunnels).Name | Should -Be 'tailscale', 'cloudflared'
            (Get-Completion 'Test-CharlyHost -Group Vir').CompletionText | Should -Be 'Virtualisation'
        }

        It 'answers with a bool when told to be quiet' {
            Test-CharlyHost Tunnels -Quiet | Should -BeTrue
            Test-CharlyHost -Quiet | Should -Be (-not (Test-CharlyHost | Where-Object { $_.IsRequired -and $_.Status -eq 'Missing' }))
        }
    }

    Context 'Update-CharlySchema' {
        BeforeEach {
            $project = New-Item -ItemType Directory (Join-Path $TestDrive "project-$([guid]::NewGuid())")
            $file = Join-Path $project 'charly.yml'
            $text = "# ours`nversion: 2026.144.1443`ndeploys:`n  host: {target: host, add_candy: []} # here`n"
            Set-Content $file $text -NoNewline
        }

        It 'says what it would do and does nothing with -WhatIf' {
            Update-CharlySchema $project -WhatIf | Should -BeNullOrEmpty
            Get-Content $file -Raw | Should -BeExactly $text
        }

        It 'changes old files once, keeps comments and the old content' {
            $change = Get-Item $project | Update-CharlySchema
            $change | Should -BeOfType OpenCharly.Operations.SchemaChange
            Get-Content $change.Backup -Raw | Should -BeExactly $text
            Get-Content $file -Raw | Should -Match '(?s)^# ours\nversion: 2026.163.0928\ndeploy:\n  host: .*target: local.*# here'
            Update-CharlySchema $project | Should -BeNullOrEmpty
            Test-CharlyProject $project | Should -BeTrue
        }

        It 'writes an error for what is left' {
            Set-Content $file "version: 2026.163.0928`ndeploy:`n  qc: {target: local}`n"
            Update-CharlySchema $project -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'CFG003,*'
        }
    }
}
