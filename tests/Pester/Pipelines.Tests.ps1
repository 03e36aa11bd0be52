param([Parameter(Mandatory)] [string] $Module)

Describe 'Pipelines' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $project = Join-Path $folder 'project'
        New-TestProject $project
        $null = New-Item -ItemType Directory (Join-Path $project 'box/shop')
        Set-Content (Join-Path $project 'box/shop/charly.yml') 'box: {name: shop, base: "registry.example.org/debian:13", distro: [debian:13, debian], build: deb, candy: [editor]}'
        Add-Content (Join-Path $project 'charly.yml') "`nimport: [box/shop]"
        New-TestDisk $project web, db
        Push-Location $project
        $null = New-CharlyVm web, db
        $null = Set-CharlySecret charly/test/one, charly/test/two -Generate -WarningAction SilentlyContinue
        $images = New-Item -ItemType Directory -Force (Join-Path $env:XDG_DATA_HOME 'vmctl/images')
        'a', 'b' | ForEach-Object { Set-Content (Join-Path $images "$_.img") x }
        function Get-WhatIf([string] $Script) {
            Invoke-FreshShell "Import-Module '$Module'; Set-Location '$project'; $Script" | Where-Object { $_ -match 'What if' } | ForEach-Object { $_ -replace '^.*(?=What if)' }
        }
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
        Remove-Item $folder -Recurse -Force
    }

    Context 'through which nothing comes' {
        It 'do not stand for everything: <Cmdlet>' -ForEach @(
            @{ Cmdlet = 'Export-CharlyDeployment' }
            @{ Cmdlet = 'Export-CharlyVmState' }
        ) {
            @() | & $Cmdlet -Path none.out -PassThru | Should -BeNullOrEmpty
            Join-Path $project 'none.out' | Should -Not -Exist
            @(& $Cmdlet -Path all.out -PassThru).Count | Should -BeGreaterThan 0
            Join-Path $project 'all.out' | Should -Exist
        }

        It 'build no box' {
            Get-WhatIf '@() | Build-CharlyBox -WhatIf; "none*" | Export-CharlyBox -WhatIf; Export-CharlyBox none* -WhatIf' | Should -BeNullOrEmpty
            Get-WhatIf 'Build-CharlyBox -WhatIf' | Should -Match 'all boxes'
        }
    }

    Context 'and names with wildcards' {
        It 'find machines by sets of characters: <Pattern>' -ForEach @(
            @{ Pattern = '[wd]*'; Names = 'db', 'web' }
            @{ Pattern = 'w[a-f]b'; Names = 'web' }
            @{ Pattern = '[!w]*'; Names = 'db' }
            @{ Pattern = '[x]*'; Names = @() }
        ) {
            (Get-CharlyVm $Pattern).Name | Should -Be $Names
            (Get-CharlyBundle "vm:$Pattern" -NoProbe).Name | Should -Be @($Names).Where({ $_ }).ForEach({ "vm:$_" })
        }

        It 'name what exists' {
            Get-WhatIf 'Stop-CharlyVm [wd]* -WhatIf
                Checkpoint-CharlyVm * clean -WhatIf
                Copy-CharlyBoxToVm w* localhost/shop:1 -WhatIf
                Sync-CharlyVm * /tmp /srv -WhatIf
                Add-CharlyBundle vm:* greeting -WhatIf
                Reset-CharlyDeployment vm:[d]* -WhatIf
                Remove-CharlySecret charly/t* -WhatIf
                Remove-CharlyImage [ab].img -WhatIf
                Export-CharlyBox sh?p -WhatIf' | Should -Be @(
                'What if: Performing the operation "Stop" on target "virtual machine db".'
                'What if: Performing the operation "Stop" on target "virtual machine web".'
                'What if: Performing the operation "Take the snapshot clean" on target "virtual machine db".'
                'What if: Performing the operation "Take the snapshot clean" on target "virtual machine web".'
                'What if: Performing the operation "Copy the image localhost/shop:1" on target "virtual machine web".'
                'What if: Performing the operation "Bring /tmp to /srv" on target "virtual machine db".'
                'What if: Performing the operation "Bring /tmp to /srv" on target "virtual machine web".'
                'What if: Performing the operation "Apply greeting" on target "vm:db".'
                'What if: Performing the operation "Apply greeting" on target "vm:web".'
                'What if: Performing the operation "Forget what the per-host file says" on target "vm:db".'
                'What if: Performing the operation "Remove" on target "secret charly/test/one".'
                'What if: Performing the operation "Remove" on target "secret charly/test/two".'
                'What if: Performing the operation "Remove" on target "image a.img".'
                'What if: Performing the operation "Remove" on target "image b.img".'
                'What if: Performing the operation "Write Containerfile" on target "shop".')
        }

        It 'make a plan for each deployment' {
            (Get-CharlyPlan 'vm:*' greeting -ErrorAction SilentlyContinue -ErrorVariable problems).Count + @($problems).Count | Should -Be 2
        }
    }

    It 'bring snapshots to what works on them, with their machines' {
        Get-WhatIf '$snapshot = [OpenCharly.Vms.VmSnapshot]@{ Vm = "web"; Name = "clean"; Mode = "External" }
            $snapshot | Remove-CharlyVmCheckpoint -WhatIf
            $snapshot | Restore-CharlyVmCheckpoint -WhatIf
            $snapshot | Convert-CharlyVmCheckpoint -WhatIf
            $snapshot | Copy-CharlyVm -Destination two -WhatIf
            "web" | Remove-CharlyVmCheckpoint -Snapshot clean -WhatIf
            Get-CharlyVm web | Restore-CharlyVmCheckpoint -Snapshot clean -WhatIf' | Should -Be @(
            'What if: Performing the operation "Remove the snapshot clean" on target "virtual machine web".'
            'What if: Performing the operation "Throw away what it holds since the snapshot clean" on target "virtual machine web".'
            'What if: Performing the operation "Copy the snapshot clean into a file of its own" on target "virtual machine web".'
            'What if: Performing the operation "Clone as two" on target "virtual machine web".'
            'What if: Performing the operation "Remove the snapshot clean" on target "virtual machine web".'
            'What if: Performing the operation "Throw away what it holds since the snapshot clean" on target "virtual machine web".')
    }

    It 'end where nobody wants more' {
        # Following a log never ends by itself.
        (Get-CharlyVmLog web -Wait | Select-Object -First 1).Text | Should -Match 'no console log'
    }
}
